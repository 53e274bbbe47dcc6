import type { Clock } from '../../base/clock.ts';
import { badInput } from '../../base/errors.ts';
import type { PersonEntry, PersonLedger } from '../../ledger/chain/person-chain.ts';
import { consentPeriodsOf } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import type { Facts } from '../../policy/facts.ts';
import { findLatestAct } from '../../subject/acts.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';
import { isFor, recipientConsentsOf, withoutConsent } from '../../subject/ties.ts';
import type { Outcome } from '../preferences/operations.ts';

export type ConsentAction = 'GIVEN' | 'WITHDRAWN';

/** The latest act on one consent purpose, as decisions read it. */
export interface ConsentState {
  readonly given: boolean;
  readonly at: Date;
}

/** A consent, or for one recipient a consent that is given for each. */
export interface ConsentName {
  readonly purpose: string;
  /** The client id of the recipient; left out where the consent is given for everybody. */
  readonly recipient?: string | undefined;
}

const stateOf = (facts: Facts, name: ConsentName): ConsentState | undefined => {
  if (name.recipient === undefined) return (facts.consents as Record<string, ConsentState> | undefined)?.[name.purpose];
  const consent = recipientConsentsOf(facts).find(isFor(name.purpose, name.recipient));
  return consent && { given: true, at: consent.at };
};

/** They are kept in the person's document, which must not grow without end. */
const MOST_FOR_RECIPIENTS = 500;

/** The part of a person's document that an act changes. Of consents for one recipient the document holds the given ones. */
function settingOf(facts: Facts, name: ConsentName, state: ConsentState): Record<string, unknown> {
  const { purpose, recipient } = name;
  if (recipient === undefined) return { [`facts.consents.${purpose}`]: state };
  const others = withoutConsent(recipientConsentsOf(facts), purpose, recipient);
  if (!state.given) return { 'facts.recipientConsents': others };
  if (others.length >= MOST_FOR_RECIPIENTS)
    throw badInput('recipient', `no more than ${MOST_FOR_RECIPIENTS} consents for single recipients at a time`);
  return { 'facts.recipientConsents': [...others, { purpose, partner: recipient, at: state.at }] };
}

/** After how many milliseconds a consent ends, under the version that the person accepted; null where it does not. */
export function periodOf({ policies }: Pick<DecisionTable, 'policies'>, facts: Facts, purpose: string): number | null {
  const policy = policies.get(facts.acceptedVersion as string);
  return (policy && consentPeriodsOf(policy).get(purpose)) ?? null;
}

/**
 * Of acts that a file tells of, the latest by instant; at the same instant a withdrawal wins. Acts that are done here
 * follow each other as the revisions of the person's document do, whatever their instants.
 *
 * @param known  the state so far, if any
 */
export const laterConsent = (known: ConsentState | undefined, act: ConsentState): ConsentState => {
  if (!known || act.at > known.at) return act;
  return act.at.getTime() === known.at.getTime() && !act.given ? act : known;
};

/** What a person's facts are after acts on consents: one computation for doing them and for previewing them. */
export const withConsents = (facts: Facts, acts: Readonly<Record<string, ConsentState>>): Facts => ({
  ...facts,
  consents: { ...(facts.consents as object), ...acts },
});

/** How far apart the times of two gateways can be: each is within half a second of the database's. */
const APART_MS = 1_000;

/** How far ahead of now an act on record is, in milliseconds. */
const aheadOf = (now: Date, { at }: ConsentState) => at.getTime() - now.getTime();

/**
 * The instant of an act is now. A withdrawal takes the instant of the act before it where that is dated later, so that a
 * reader that compares instants finds the withdrawal as well. At the same instant a withdrawal would win, so giving takes
 * the next instant; it does not wait for an act before it that is dated further ahead than clocks can differ.
 */
const instantOf = (known: ConsentState | undefined, given: boolean, now: Date): Date => {
  if (!known || aheadOf(now, known) < 0) return now;
  if (!given) return known.at;
  return aheadOf(now, known) <= APART_MS ? new Date(known.at.getTime() + 1) : now;
};

/** Whether the act would change nothing. A consent as of a later day is not given yet; one that ends is given anew. */
const isSo = (known: ConsentState | undefined, given: boolean, now: Date, ends: boolean): boolean =>
  known?.given === given && !(given && (ends || aheadOf(now, known) > APART_MS));

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

/** An act of consent, and whether it is what stands now. */
export type StandingConsent = ConsentAct & {
  readonly inForce: boolean;
  /** When it ends by itself; null for a withdrawal, and for a consent that holds until it is withdrawn. */
  readonly endsAt: Date | null;
};

interface Moment {
  readonly table: Pick<DecisionTable, 'policies'>;
  readonly now: Date;
}

/** A person's acts of consent, or the first so many of them, each with whether it is what stands now. */
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
      const period = act.action === 'GIVEN' ? periodOf(table, facts, act.purpose) : null;
      const endsAt = period === null ? null : new Date(Date.parse(act.at) + period);
      return { ...act, endsAt, inForce: stands && (endsAt === null || now < endsAt) };
    });

export type ConsentOperations = ReturnType<typeof createConsentOperations>;

export const createConsentOperations = (
  changes: Changes,
  ledger: PersonLedger,
  clock: Clock,
  table: Pick<DecisionTable, 'policies'>,
) => ({
  /**
   * Gives or withdraws a consent. Giving a given consent again changes nothing, but one that ends by itself is given
   * anew. Withdrawing a withdrawn consent changes nothing; the withdrawal of a consent that was never given is on record. Acknowledged, it governs every read that
   * starts afterwards, by whatever clock: a withdrawal is in force whenever it is dated.
   *
   * @param known  the person as the request has read them
   * @returns null where there is no such person
   * @throws {ApiError} BAD_INPUT where the person has given too many consents for single recipients
   */
  async act(
    sid: SubjectId,
    name: ConsentName,
    action: ConsentAction,
    known: PersonDocument | null = null,
  ): Promise<Outcome<ConsentAct> | null> {
    const given = action === 'GIVEN';
    // a consent for one recipient that is not held may have been withdrawn, or never given
    const plan =
      (isNever: boolean) =>
      ({ facts }: PersonDocument, now: Date): Change | null => {
        const state = stateOf(facts, name);
        if (isSo(state, given, now, periodOf(table, facts, name.purpose) !== null)) return null;
        if (!state && !given && name.recipient !== undefined && !isNever) return null;
        const at = instantOf(state, given, now);
        const { purpose, recipient } = name;
        const policyVersion = String(facts.acceptedVersion);
        const entry = { at: at.toISOString(), purpose, ...(recipient !== undefined && { recipient }) };
        return {
          set: settingOf(facts, name, { given, at }),
          entries: [{ type: 'CONSENT', ...entry, action, policyVersion, expression: 'EXPRESS' }],
        };
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
  },
});
