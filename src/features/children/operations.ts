import type { Clock } from '../../base/clock.ts';
import { ApiError, forbiddenOperation } from '../../base/errors.ts';
import type { RecordStaffAct, StaffOccasion } from '../../ledger/book/audit.ts';
import type { Policy } from '../../policy/clause.ts';
import { categoryWith } from '../../policy/vocabulary.ts';
import { isOldEnough } from '../../subject/age.ts';
import type { Changed, Changes } from '../../subject/change.ts';
import { correctionsOf } from '../../subject/corrected.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';
import type { People } from '../../subject/people.ts';
import type { PersonTies } from '../../subject/person-ties.ts';
import { canBeLifted, sealing, unsealing } from '../../subject/sealing.ts';
import { openValue, type Vault } from '../../subject/vault.ts';
import { hasOwnOpenCase, hasVerifiedGuardian } from '../privacy-cases/cases.ts';

export interface ChildOptions {
  readonly changes: Changes;
  readonly people: Pick<People, 'findBySids'>;
  readonly personTies: Pick<PersonTies, 'settleSeal'>;
  readonly vaultOf: (sid: SubjectId) => Promise<Vault>;
  readonly recordAct: RecordStaffAct;
  readonly policy: Policy;
  readonly clock: Clock;
}

type Plan = (person: PersonDocument, at: Date) => Change | null;

export type ChildOperations = ReturnType<typeof createChildOperations>;

/** The powers of privacy staff over accounts that may be children's. */
export function createChildOperations(options: ChildOptions) {
  const { changes, people, personTies, vaultOf, recordAct, policy, clock } = options;
  /** The birth date on record where it is a child's. */
  const childsDate = ({ values }: PersonDocument, vault: Vault, at: Date): string | null => {
    const birthDate = openValue(vault, values, 'BIRTH_DATE');
    const country = openValue(vault, values, 'ACCOUNT')?.country;
    return birthDate === undefined || isOldEnough(birthDate, policy.minimumAge, at, country) ? null : birthDate;
  };

  /** The ground on record that lets one member of staff seal an account; null for none. */
  const groundOf = (person: PersonDocument, vault: Vault, at: Date) => {
    if (childsDate(person, vault, at) !== null) return 'BIRTH_DATE';
    return hasVerifiedGuardian(person.facts) ? 'GUARDIAN' : null;
  };

  const seal =
    (vault: Vault): Plan =>
    (person, at) => {
      const ground = groundOf(person, vault, at);
      if (ground) return sealing(person, policy, ground, at);
      if (person.facts.status === 'SEALED' && person.deletionDueAt) return null;
      throw forbiddenOperation(
        `Nothing on record lets you seal this account: no birth date below the age of ${policy.minimumAge}, and no ` +
          'open case of a verified guardian. A finding of two members of privacy staff does.',
        'NOT_PERMITTED',
      );
    };

  /** Staff takes the date for wrong, so it does not stay: no account in use has a child's date of birth. */
  const withoutDate = (person: PersonDocument, vault: Vault, change: Change, at: Date): Change => {
    const birthDate = childsDate(person, vault, at);
    if (birthDate === null) return change;
    const category = categoryWith(policy.vocabulary, 'birthDate')?.id ?? 'BIRTH_DATE';
    const { kept } = correctionsOf(person, vault, { [category]: birthDate }, at);
    return {
      set: { ...change.set, corrections: kept },
      unset: [...(change.unset ?? []), 'values.BIRTH_DATE', 'facts.bornOn'],
      entries: [...change.entries, { type: 'CORRECTION', at: at.toISOString(), categories: [category] }],
    };
  };

  const unseal =
    (vault: Vault): Plan =>
    (person, at) => {
      if (person.facts.status !== 'SEALED') return null;
      if (!hasOwnOpenCase(person.facts))
        throw forbiddenOperation('Only on an open case that the person opened themself.', 'NOT_PERMITTED');
      if (!canBeLifted(person, at))
        throw new ApiError('CONFLICT', 'The time in which the account could be opened again is over.');
      return withoutDate(person, vault, unsealing(person, 'STAFF', at), at);
    };

  /** Carries out an act of a member of staff once the act is on the audit log. */
  async function carryOut(
    sid: SubjectId,
    act: 'ACCOUNT_SEALED' | 'ACCOUNT_UNSEALED',
    planWith: (vault: Vault) => Plan,
    occasion: StaffOccasion,
  ): Promise<Changed | null> {
    const [person] = await people.findBySids([sid]);
    if (!person) return null;
    const plan = planWith(await vaultOf(sid));
    if (plan(person, clock.now())) await recordAct(occasion, { act, sids: [sid] });
    const changed = await changes.apply(sid, plan, person);
    if (changed) await personTies.settleSeal(changed, clock.now());
    return changed;
  }

  return {
    /**
     * Seals an account that is a child's by the record. Doing it twice changes nothing.
     *
     * @returns null where there is no such person
     * @throws {ApiError} FORBIDDEN where nothing on record says so
     */
    seal: (sid: SubjectId, occasion: StaffOccasion) => carryOut(sid, 'ACCOUNT_SEALED', seal, occasion),

    /**
     * Opens a sealed account again, as it was before, until all that is held is deleted. An account that is not sealed
     * stays as it is.
     *
     * @returns null where there is no such person
     * @throws {ApiError} FORBIDDEN without an open case of the person's own, CONFLICT where it is too late
     */
    unseal: (sid: SubjectId, occasion: StaffOccasion) => carryOut(sid, 'ACCOUNT_UNSEALED', unseal, occasion),
  };
}
