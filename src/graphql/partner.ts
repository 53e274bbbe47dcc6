import { forbiddenOperation } from '../base/errors.ts';
import type { Caller } from '../subject/caller.ts';
import type { Context } from './context.ts';

/**
 * The partner that asks, for what only a partner can do.
 *
 * @throws {ApiError} FORBIDDEN for every other caller
 */
export function partnerOf({ caller }: Pick<Context, 'caller'>): Extract<Caller, { kind: 'PARTNER' }> {
  if (caller.kind !== 'PARTNER') throw forbiddenOperation('Only a partner can do this.', 'NOT_PERMITTED');
  return caller;
}
