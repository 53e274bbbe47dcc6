import { forbiddenOperation } from '../errors.ts';
import type { PersonDocument } from '../subject/model.ts';
import type { Context } from './context.ts';

/**
 * The signed-in person's own record, for what only they may do.
 *
 * @throws {ApiError} FORBIDDEN for every other caller
 */
export function selfOf({ caller }: Pick<Context, 'caller'>): { readonly sid: string; readonly person: PersonDocument } {
  if (caller.kind !== 'MEMBER')
    throw forbiddenOperation('Only the person themself can do this: sign in as them.', 'NOT_PERMITTED');
  return { sid: caller.person._id, person: caller.person };
}
