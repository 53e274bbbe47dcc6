import { forbiddenOperation } from '../base/errors.ts';
import type { PersonDocument } from '../subject/model.ts';
import type { Context } from './context.ts';

/**
 * The signed-in person's own record, for what only they may do whatever their status: withdrawing, correcting,
 * exporting, erasing, privacy cases.
 *
 * @throws {ApiError} FORBIDDEN for every other caller
 */
export function selfOf({ caller }: Pick<Context, 'caller'>): { readonly sid: string; readonly person: PersonDocument } {
  if (caller.kind !== 'MEMBER')
    throw forbiddenOperation('Only the person themself can do this: sign in as them.', 'NOT_PERMITTED');
  return { sid: caller.person._id, person: caller.person };
}

/**
 * The same for what is use of the site, which a sealed or refused account is closed to.
 *
 * @throws {ApiError} FORBIDDEN for every other caller, and for a person whose account is not active
 */
export function activeSelfOf(context: Pick<Context, 'caller'>) {
  const self = selfOf(context);
  if (self.person.facts.status !== 'ACTIVE')
    throw forbiddenOperation(
      'The account is closed to use. Correction, export and erasure stay open.',
      'NOT_PERMITTED',
    );
  return self;
}
