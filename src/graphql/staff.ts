import { forbiddenOperation } from '../base/errors.ts';
import type { StaffOccasion } from '../ledger/book/audit.ts';
import type { StaffRole } from '../policy/vocabulary.ts';
import type { Caller } from '../subject/caller.ts';
import type { Context } from './context.ts';

/**
 * The member of staff who acts, for what one role alone may do, for the purpose that the policy gives that role.
 *
 * @throws {ApiError} FORBIDDEN for every other caller, and for another purpose
 */
export function staffOf({ caller, access }: Pick<Context, 'caller' | 'access'>, role: StaffRole) {
  if (caller.kind !== 'STAFF' || caller.role !== role)
    throw forbiddenOperation(`Only ${role} staff can do this.`, 'NOT_PERMITTED');
  const refusal = access.others.refusal();
  if (refusal) throw forbiddenOperation('The purpose of the token is not one of this role.', refusal);
  return caller satisfies Caller;
}

/**
 * The same for an act that goes on the audit log.
 *
 * @throws {ApiError} FORBIDDEN for every other caller, and for another purpose
 */
export function occasionOf(context: Pick<Context, 'caller' | 'access' | 'requestId'>, role: StaffRole): StaffOccasion {
  const { sub: by, purpose, tokenId } = staffOf(context, role);
  return { role, by, purpose, tokenId, requestId: context.requestId };
}
