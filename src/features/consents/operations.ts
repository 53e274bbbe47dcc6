import type { Clock } from '../../base/clock.ts';
import { ApiError, badInput, forbiddenOperation } from '../../base/errors.ts';
import type { PersonEntry, PersonLedger } from '../../ledger/chain/person-chain.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import type { Facts } from '../../policy/facts.ts';
import { actsThemself, type Under, underOf } from '../../policy/guardians.ts';
import { findLatestAct } from '../../subject/acts.ts';
import type { Changes } from '../../subject/change.ts';
import { periodsFor } from '../../subject/consent-ends.ts';
import { APART_MS, aheadOf, type ConsentName, type ConsentState, changeBy, stateOf } from '../../subject/consents.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';
import type { People } from '../../subject/people.ts';
import type { PersonTies, TieRecord } from '../../subject/person-ties.ts';
import type { Outcome } from '../preferences/operations.ts';

export type ConsentAction = 'GIVEN' | 'WITHDRAWN';

type Policies = Pick<DecisionTable, 'policies'>;

/** The age under which a guardian gives a consent, and the tie of the guardian, under the version that the person accepted. */
function guardedBy({ policies }: Policies, facts: Facts, purpose: string): Under | null {
  const policy = policies.get(facts.acceptedVersion as string);
  return policy ? underOf(policy, purpose) : null;
}

/**
 * Among acts in a file, the latest by instant counts; at the same instant a withdrawal wins. Acts done here are ordered
 * by the revisions of the person's document, not by their instants.
 *
 * @param known  the state so far, if any
 */
export const laterConsent = (known: ConsentState | undefined, act: ConsentState): ConsentState => {
  if (!known || act.at > known.at) return act;
  return act.at.getTime() === known.at.getTime() && !act.given ? act : known;
};

/** A person's facts after acts on consents: one computation for carrying them out and for previewing them. */
export const withConsents = (facts: Facts, acts: Readonly<Record<string, ConsentState>>): Facts => ({
  ...facts,
  consents: { ...(facts.consents as object), ...acts },
});

/**
 * Whether the act would change nothing. A consent as of a later day is not given yet; one that ends is given anew, and so
 * is one that somebody else gave.
 */
const isSo = (known: ConsentState | undefined, given: boolean, now: Date, { ends, tie }: Terms): boolean =>
  known?.given === given && !(given && (ends || known.tie !== tie || aheadOf(now, known) > APART_MS));

interface Terms {
  /** Whether it ends by itself. */
  readonly ends: boolean;
  /** The tie of the guardian that acts, where the person does not. */
  readonly tie: string | undefined;
}

/**
 * A consent is acknowledged once the clock of every gateway has passed its instant, so that it governs the next read
 * through any of them. Two clocks differ by the errors of both, which is less than a write takes, as a rule.
 */
const reached = async ({ at }: ConsentState, { now, error = () => 0 }: Clock): Promise<void> => {
  const milliseconds = at.getTime() + 2 * error() - now().getTime();
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
};

export type ConsentAct = Extract<PersonEntry, { type: 'CONSENT' }>;

const isConsentTo =
  ({ purpose, recipient }: ConsentName) =>
  (act: PersonEntry): act is ConsentAct =>
    act.type === 'CONSENT' && act.purpose === purpose && act.recipient === recipient;

const isConsent = (act: PersonEntry): act is ConsentAct => act.type === 'CONSENT';

/** An act of consent, and whether it is in force now. */
export type StandingConsent = ConsentAct & {
  readonly inForce: boolean;
  /** When it ends by itself; null for a withdrawal, and for a consent that holds until it is withdrawn. */
  readonly endsAt: Date | null;
};

interface Moment {
  readonly table: Policies;
  readonly now: Date;
}

/** A person's acts of consent, or the first so many of them, each with whether it is in force now. */
export const consentsOf = (
  acts: readonly PersonEntry[],
  facts: Facts,
  { table, now }: Moment,
  most?: number,
): StandingConsent[] =>
  acts
    .filter(isConsent)
    .slice(0, most)
    .map((act) => {
      const state = stateOf(facts, act);
      const stands = act.action === 'GIVEN' && state?.given === true && state.at.toISOString() === act.at;
      const period = act.action === 'GIVEN' ? periodsFor(table.policies, facts).get(act.purpose) : undefined;
      const endsAt = period === undefined ? null : new Date(Date.parse(act.at) + period);
      const under = act.tie === undefined ? guardedBy(table, facts, act.purpose) : null;
      const counts = under === null || actsThemself(facts, under, now);
      return { ...act, endsAt, inForce: stands && counts && (endsAt === null || now < endsAt) };
    });

export type ConsentOperations = ReturnType<typeof createConsentOperations>;

/** The same for a tie of somebody else, one that has ended, and one by which nobody gives consents. */
const noTie = () => badInput('tie', 'the id of a tie that counts, by which you are the guardian of another person');

export function createConsentOperations(services: {
  readonly changes: Changes;
  readonly ledger: PersonLedger;
  readonly clock: Clock;
  readonly table: Policies;
  readonly people: Pick<People, 'findBySids'>;
  readonly personTies: Pick<PersonTies, 'findGuarding' | 'note' | 'tellHolder'>;
}) {
  const { changes, ledger, clock, table, people, personTies } = services;

  /** @throws {ApiError} FORBIDDEN where a guardian gives the consent, and not the person */
  const requireOwn = (facts: Facts, purpose: string, now: Date): void => {
    const under = guardedBy(table, facts, purpose);
    if (under !== null && !actsThemself(facts, under, now))
      throw forbiddenOperation(
        `A guardian gives this consent for a person under ${under.age}, or of unknown age.`,
        'NOT_PERMITTED',
      );
  };

  /**
   * A guardian acts while the person is too young to act. Only a guardian learns from it whether the person is too young.
   *
   * @throws {ApiError} BAD_INPUT for a consent that is not this guardian's to give, CONFLICT once the person is old enough
   */
  const requireGuarded = ({ facts }: PersonDocument, { kind }: TieRecord, purpose: string, now: Date): void => {
    const under = guardedBy(table, facts, purpose);
    if (under?.by !== kind) throw badInput('purpose', 'a consent that guardians by this tie give');
    if (actsThemself(facts, under, now))
      throw new ApiError(
        'CONFLICT',
        `From the age of ${under.age} on the person alone gives and withdraws this consent.`,
      );
  };

  /** @throws {ApiError} BAD_INPUT unless the tie counts; to give, both people are in active use of their accounts */
  const requireTie = async (tie: TieRecord, person: PersonDocument, given: boolean): Promise<void> => {
    const [holder] = await people.findBySids([tie.from]);
    const isActive = [holder, person].every((end) => end?.facts.status === 'ACTIVE');
    if ((given && !isActive) || !(await personTies.note(tie))) throw noTie();
  };

  /** Whether a person may act, seen from their document; throws where they may not. */
  type Requirement = (person: PersonDocument, now: Date) => void | Promise<void>;

  /** @returns null where there is no such person */
  async function carryOut(
    sid: SubjectId,
    name: ConsentName,
    action: ConsentAction,
    tie: string | undefined,
    require: Requirement,
    known: PersonDocument | null,
  ): Promise<Outcome<ConsentAct> | null> {
    const given = action === 'GIVEN';
    // a consent for one recipient that is not held may have been withdrawn, or never given
    const plan =
      (isNever: boolean) =>
      async (person: PersonDocument, now: Date): Promise<Change | null> => {
        const { facts } = person;
        await require(person, now);
        const state = stateOf(facts, name);
        const periods = periodsFor(table.policies, facts);
        if (isSo(state, given, now, { ends: periods.has(name.purpose), tie })) return null;
        if (!state && !given && name.recipient !== undefined && !isNever) return null;
        return changeBy(facts, [{ name, given, tie }], now, periods);
      };
    const apply = async (isNever: boolean): Promise<Outcome<ConsentAct> | null> => {
      const changed = await changes.apply(sid, plan(isNever), known);
      if (!changed) return null;
      const { document } = changed;
      const state = stateOf(document.facts, name);
      if (state?.given) await reached(state, clock);
      const entry =
        changed.entries.find(isConsentTo(name)) ??
        (await findLatestAct(ledger, document, { types: ['CONSENT'] }, isConsentTo(name)));
      return { document, entry };
    };
    const outcome = await apply(false);
    return outcome && outcome.entry === null ? apply(true) : outcome;
  }

  return {
    /**
     * Gives or withdraws a consent. Giving a given consent again changes nothing, but one that ends by itself, or
     * that a guardian gave, is given anew. Withdrawing a withdrawn consent changes nothing; the withdrawal of a
     * consent that was never given is on record. A person of any age may withdraw. Once acknowledged, it governs
     * every read that starts afterwards, by any clock: a withdrawal is in force regardless of its date.
     *
     * @param known  the person as the request has read them
     * @returns null where there is no such person
     * @throws {ApiError} BAD_INPUT where the person has given too many consents for single recipients, FORBIDDEN where a
     *   guardian gives the consent
     */
    act: (sid: SubjectId, name: ConsentName, action: ConsentAction, known: PersonDocument | null = null) => {
      const require: Requirement = ({ facts }, now) =>
        action === 'GIVEN' ? requireOwn(facts, name.purpose, now) : undefined;
      return carryOut(sid, name, action, undefined, require, known);
    },

    /**
     * Gives or withdraws a consent of another person, as their guardian. It is on the ledgers of both.
     *
     * @param holder  the guardian
     * @param id  the tie by which they are it
     * @throws {ApiError} BAD_INPUT for any other tie, and for a consent that is not theirs to give; CONFLICT once the
     *   person is old enough to act themself
     */
    async actFor(holder: SubjectId, id: string, name: ConsentName, action: ConsentAction) {
      const tie = await personTies.findGuarding(id, holder);
      if (!tie) throw noTie();
      const require: Requirement = async (person, now) => {
        requireGuarded(person, tie, name.purpose, now);
        await requireTie(tie, person, action === 'GIVEN');
      };
      const outcome = await carryOut(tie.to, name, action, id, require, null);
      await personTies.tellHolder(tie);
      return outcome;
    },
  };
}
