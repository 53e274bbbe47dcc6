import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../base/clock.ts';
import { badInput } from '../../base/errors.ts';
import type { PersonEntry } from '../../ledger/chain/person-chain.ts';
import type { Policy } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { categoryWith, type DataCategory, placeOf, type Vocabulary } from '../../policy/vocabulary.ts';
import { isOldEnough } from '../../subject/age.ts';
import { newestGiven, openBilled, withAddress } from '../../subject/billing.ts';
import type { Changes } from '../../subject/change.ts';
import { correctionsOf } from '../../subject/corrected.ts';
import { openAllLeft, timesOf } from '../../subject/expiry.ts';
import { type AddressInput, addressOf, lifelikeDateOf } from '../../subject/forms.ts';
import { argumentWith, type Form, handleIn, valuesIn } from '../../subject/given-values.ts';
import { heldSet } from '../../subject/held.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Mailboxes } from '../../subject/mailboxes.ts';
import type { Change, Correction, PersonDocument } from '../../subject/model.ts';
import { FREE_NAME, type NameClaims } from '../../subject/name-claims.ts';
import { fold } from '../../subject/names.ts';
import { birthChange, moveBetween, residenceChange } from '../../subject/new-person.ts';
import type { PersonTies } from '../../subject/person-ties.ts';
import { canLift, sealing, unsealing } from '../../subject/sealing.ts';
import { subscriptionsOf, unverified } from '../../subject/subscriptions.ts';
import { type Address, givenEmail, type PersonalValues } from '../../subject/values.ts';
import type { Vault } from '../../subject/vault.ts';
import type { ConsentRequests } from '../consents/requests.ts';
import type { Proofs } from '../mailboxes/operations.ts';
import type { Suppressions } from '../newsletters/suppressions.ts';

/** Corrections by the fields of their categories. A field that is left out stays as it is. */
export interface Corrections extends Form {
  readonly country?: string | null | undefined;
  readonly billingAddress?: AddressInput | null | undefined;
  /** Whether the person means it, where the birth date is a child's. */
  readonly confirmBirthDate?: boolean | null | undefined;
}

export interface CorrectionOutcome {
  readonly document: PersonDocument;
  /** The newest first; none where everything was already as given. */
  readonly corrections: readonly Correction[];
  readonly entry: PersonEntry | null;
}

/** The corrections as they are kept. */
function read(vocabulary: Vocabulary, form: Corrections, at: Date) {
  const { EMAIL: email, ...values } = valuesIn(vocabulary, form, ({ correct }) => correct);
  if (values.BIRTH_DATE !== undefined) lifelikeDateOf(argumentWith(vocabulary, 'birthDate'), values.BIRTH_DATE, at);
  const { billingAddress, country } = form;
  return {
    values,
    billingAddress: billingAddress == null ? undefined : addressOf('input.billingAddress', billingAddress),
    email,
    avatarName: handleIn(vocabulary, form),
    country: country ?? undefined,
  };
}

type Given = ReturnType<typeof read>;

/** The person's values once the corrections are made. Another address has yet to be proven. */
function corrected(before: PersonalValues, { values, email, country }: Given): PersonalValues {
  const { EMAIL: _, ...withoutProven } = before;
  const isAnother = email !== undefined && email !== givenEmail(before);
  return {
    ...(isAnother ? { ...withoutProven, UNPROVEN_EMAIL: email } : before),
    ...values,
    ...(country !== undefined && { ACCOUNT: { ...before.ACCOUNT, country } }),
  };
}

/** The person as corrections see them: each value under the category that its history is kept under. */
function told(
  vocabulary: Vocabulary,
  avatarName: string,
  BILLING_ADDRESS: Address | undefined,
  values: PersonalValues,
): Readonly<Record<DataCategory, unknown>> {
  const own = vocabulary.categories.flatMap((category) => {
    if (category.value === undefined) return [];
    if (category.role === 'handle') return [[category.id, avatarName]];
    return [[category.id, category.role === 'mailbox' ? givenEmail(values) : values[placeOf(category)]]];
  });
  return { ...Object.fromEntries(own), BILLING_ADDRESS, ACCOUNT: values.ACCOUNT?.country };
}

/** The changes to the document that follow from a change of values. */
function writes(vault: Vault, before: PersonalValues, after: PersonalValues) {
  const places = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...places].filter((place) => !isDeepStrictEqual(before[place], after[place]));
  const kept = changed.filter((place) => after[place] !== undefined);
  return {
    set: Object.fromEntries(kept.map((place) => [`values.${place}`, vault.seal(place, after[place])])),
    unset: changed.filter((place) => after[place] === undefined).map((place) => `values.${place}`),
  };
}

/**
 * The effect of another birth date on the account: a child's seals it, any other lifts a seal that rests on the
 * person's own word alone. Null where the account stays as it is.
 */
function sealedBy(person: PersonDocument, { BIRTH_DATE, ACCOUNT }: PersonalValues, policy: Policy, at: Date) {
  if (BIRTH_DATE === undefined) return null;
  if (!isOldEnough(BIRTH_DATE, policy.minimumAge, at, ACCOUNT?.country))
    return sealing(person, policy, 'CORRECTION', at);
  return canLift(person, at) ? unsealing(person, 'CORRECTION', at) : null;
}

export type CorrectionOperations = ReturnType<typeof createCorrections>;

export function createCorrections(services: {
  readonly changes: Changes;
  readonly clock: Clock;
  readonly consentRequests: ConsentRequests;
  readonly mailboxes: Pick<Mailboxes, 'of'>;
  readonly nameClaims: Pick<NameClaims, 'take'>;
  readonly personTies: Pick<PersonTies, 'settleSeal'>;
  readonly proofs: Pick<Proofs, 'ask'>;
  readonly suppressions: Pick<Suppressions, 'keep'>;
  readonly table: DecisionTable;
  readonly vaultOf: (sid: SubjectId) => Promise<Vault>;
}) {
  const { changes, clock, consentRequests, mailboxes, nameClaims, personTies, proofs, suppressions, vaultOf } =
    services;
  const { current: policy, vocabulary, retention } = services.table;
  const mailbox = categoryWith(vocabulary, 'mailbox')?.id ?? '';
  const birthDate = categoryWith(vocabulary, 'birthDate')?.id ?? '';

  /**
   * A birth date that may be a child's somewhere on Earth has to be confirmed.
   *
   * @throws {ApiError} BAD_INPUT where it is not
   */
  function requireConfirmed({ BIRTH_DATE }: PersonalValues, { confirmBirthDate }: Corrections, at: Date): void {
    if (BIRTH_DATE === undefined || confirmBirthDate === true || isOldEnough(BIRTH_DATE, policy.minimumAge, at)) return;
    const means = `a person below the age of ${policy.minimumAge}: the account is sealed at once and then deleted`;
    throw badInput('input.confirmBirthDate', `\`true\` where \`birthDate\` is right: it says ${means}`);
  }

  /** The change that corrections make of a person as they stand, and the values it replaces. */
  function plan(person: PersonDocument, vault: Vault, given: Given, at: Date) {
    const before = openAllLeft(timesOf(retention, person, at), vault, person);
    const after = corrected(before, given);
    const avatarName = given.avatarName ?? person.avatarName;
    const { billings = [] } = person;
    const billed = newestGiven(billings, 'BILLING_ADDRESS');
    const addressBefore = billed && openBilled(vault, billed, 'BILLING_ADDRESS');
    const address = given.billingAddress ?? addressBefore;
    const then = told(vocabulary, person.avatarName, addressBefore, before);
    const now = told(vocabulary, avatarName, address, after);
    const categories = Object.keys(now).filter((name) => !isDeepStrictEqual(then[name], now[name]));
    if (categories.length === 0) return null;
    const { set, unset } = writes(vault, before, after);
    const newAddress = categories.includes(mailbox) && {
      mailbox: mailboxes.of(after),
      'facts.subscriptions': unverified(subscriptionsOf(person.facts)),
    };

    const replaced = Object.fromEntries(categories.map((category) => [category, then[category]]));
    const { made: corrections, kept } = correctionsOf(person, vault, replaced, at);
    const residence = residenceChange(after);
    const birth = birthChange(after, services.table);
    const seal = categories.includes(birthDate) ? sealedBy(person, after, policy, at) : null;
    const change: Change = {
      set: {
        ...set,
        ...newAddress,
        avatarName,
        foldedName: fold(avatarName),
        // the address that the person sees, wherever it was given; those of other orders are theirs
        ...(categories.includes('BILLING_ADDRESS') && { billings: withAddress(vault, billings, address as Address) }),
        corrections: kept,
        ...residence.set,
        ...birth.set,
        ...heldSet(services.table, before, after, () => at),
        ...seal?.set,
      },
      unset: [...unset, ...(residence.unset ?? []), ...(birth.unset ?? []), ...(seal?.unset ?? [])],
      entries: [
        { type: 'CORRECTION', at: at.toISOString(), categories, ...moveBetween(before, after) },
        ...(seal?.entries ?? []),
      ],
    };
    return { change, corrections, newAddress: newAddress ? givenEmail(after) : undefined };
  }

  return {
    /**
     * Corrects data of a person of any status, and keeps the previous values for that person alone. A new address
     * counts only after the person follows the link mailed there. If it belongs to another account already, only the
     * mailbox is told. A date of birth that makes the person a child needs their confirmation and then seals the
     * account at once; another one, in time, opens it again.
     *
     * @param person  as the request has read it
     * @returns null where there is no such person
     * @throws {ApiError} BAD_INPUT, with nothing changed; also for an avatar name that another person has or had, and
     *   for a birth date that is yet to be confirmed
     */
    async correct(
      { _id: sid, publicId, ...known }: PersonDocument,
      form: Corrections,
    ): Promise<CorrectionOutcome | null> {
      const at = clock.now();
      const given = read(vocabulary, form, at);
      requireConfirmed(given.values, form, at);
      const { avatarName: name = known.avatarName } = given;
      const vault = await vaultOf(sid);
      if (name !== known.avatarName && !(await nameClaims.take({ name, publicId })))
        throw badInput(argumentWith(vocabulary, 'handle'), FREE_NAME);

      let planned: ReturnType<typeof plan> = null;
      const changed = await changes.apply(sid, async (person, now) => {
        planned = plan(person, vault, given, now);
        if (planned?.newAddress !== undefined) await suppressions.keep(person);
        return planned?.change ?? null;
      });
      if (!changed) return null;
      await personTies.settleSeal(changed, clock.now());
      const made = planned as ReturnType<typeof plan>;
      if (made?.newAddress !== undefined) await proofs.ask({ sid, vault }, made.newAddress, 'ADDRESS_CHANGED');
      await consentRequests.tell(changed, vault);
      const entry = changed.entries.find(({ type }) => type === 'CORRECTION') ?? null;
      return { document: changed.document, corrections: made?.corrections ?? [], entry };
    },
  };
}
