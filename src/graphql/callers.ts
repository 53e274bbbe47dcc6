import { forbiddenOperation } from '../base/errors.ts';
import type { StaffOccasion } from '../ledger/book/audit.ts';
import { type Category, idsOf, type Power } from '../policy/vocabulary.ts';
import type { Caller } from '../subject/caller.ts';
import type { PersonDocument } from '../subject/model.ts';
import type { Context } from './context.ts';

type Partner = Extract<Caller, { kind: 'PARTNER' }>;
type Staff = Extract<Caller, { kind: 'STAFF' }>;

/**
 * The signed-in person's own record, for rights that people of any status have: withdrawing, correcting, exporting,
 * erasing, privacy cases.
 *
 * @throws {ApiError} FORBIDDEN for every other caller
 */
export function selfOf({ caller }: Pick<Context, 'caller'>): { readonly sid: string; readonly person: PersonDocument } {
  if (caller.kind !== 'MEMBER')
    throw forbiddenOperation('Only the person themself can do this: sign in as them.', 'NOT_PERMITTED');
  return { sid: caller.person._id, person: caller.person };
}

/**
 * The same for use of the site, which is closed to a sealed or refused account.
 *
 * @throws {ApiError} FORBIDDEN for every other caller, and for a person without an active account
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

/** The roles of staff that are entrusted with something. */
const rolesWith = ({ access }: Pick<Context, 'access'>, power: Power): readonly string[] =>
  access.others.vocabulary.staff.filter(({ may }) => may.includes(power)).map(({ id }) => id);

/** Whether the caller is of a role of staff that is entrusted with something. */
export const isEntrusted = (context: Pick<Context, 'caller' | 'access'>, power: Power): boolean =>
  context.caller.kind === 'STAFF' && rolesWith(context, power).includes(context.caller.role);

/**
 * The member of staff that acts with a power of their role, for a purpose that the policy gives this role.
 *
 * @throws {ApiError} FORBIDDEN for every other caller, and for another purpose
 */
export const staffOf = (context: Pick<Context, 'caller' | 'access'>, power: Power): Staff =>
  staffAmong(context, rolesWith(context, power));

function staffAmong({ caller, access }: Pick<Context, 'caller' | 'access'>, roles: readonly string[]): Staff {
  if (caller.kind !== 'STAFF' || !roles.includes(caller.role))
    throw forbiddenOperation(
      roles.length === 0 ? 'No role of staff is entrusted with this.' : `Only ${roles.join(' or ')} staff can do this.`,
      'NOT_PERMITTED',
    );
  const refusal = access.others.refusal();
  if (refusal) throw forbiddenOperation('The purpose of the token is not one of this role.', refusal);
  return caller;
}

/**
 * The same for an act that goes on the audit log.
 *
 * @throws {ApiError} FORBIDDEN for every other caller, and for another purpose
 */
export const occasionOf = (context: ActContext, power: Power): StaffOccasion =>
  occasionAmong(context, rolesWith(context, power));

/**
 * The same for staff that writes values of some categories, by the roles that each of them names.
 *
 * @throws {ApiError} FORBIDDEN for a caller that may not write all of them, and for another purpose
 */
export function occasionToWrite(context: ActContext, categories: readonly Category[]): StaffOccasion {
  const roles = idsOf(context.access.others.vocabulary.staff);
  return occasionAmong(
    context,
    roles.filter((role) => categories.every(({ write = [] }) => write.includes(role))),
  );
}

type ActContext = Pick<Context, 'caller' | 'access' | 'requestId'>;

function occasionAmong(context: ActContext, roles: readonly string[]): StaffOccasion {
  const { role, sub: by, purpose, tokenId } = staffAmong(context, roles);
  return { role, by, purpose, tokenId, requestId: context.requestId };
}

/** @throws {ApiError} FORBIDDEN for a caller that could see nothing of anyone, for any request */
export function requireSight({ access }: Pick<Context, 'access'>): void {
  const refusal = access.others.refusal();
  if (refusal) throw forbiddenOperation('This token could see nothing of anyone.', refusal);
}

/**
 * The calling partner, for operations that only a partner can do, whether or not it may see anybody.
 *
 * @param refusal  the message for other callers
 * @throws {ApiError} FORBIDDEN for every other caller
 */
export function partnerOf({ caller }: Pick<Context, 'caller'>, refusal = 'Only a partner can do this.'): Partner {
  if (caller.kind !== 'PARTNER') throw forbiddenOperation(refusal, 'NOT_PERMITTED');
  return caller;
}

/**
 * The same for a partner that may see somebody.
 *
 * @throws {ApiError} FORBIDDEN for every other caller
 */
export function seeingPartnerOf(context: Pick<Context, 'caller' | 'access'>, refusal: string): Partner {
  const partner = partnerOf(context, refusal);
  requireSight(context);
  return partner;
}
