import type { Clock } from '../../base/clock.ts';
import type { PersonEntry, PersonLedger } from '../../ledger/chain/person-chain.ts';
import type { Facts } from '../../policy/facts.ts';
import { findLatestAct } from '../../subject/acts.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';
import type { Outcome } from '../preferences/operations.ts';

export type ConsentAction = 'GIVEN' | 'WITHDRAWN';

/** The latest act on one consent purpose, as decisions read it. */
export interface ConsentState {
  readonly given: boolean;
  readonly at: Date;
}

const stateOf = ({ consents }: Facts, purpose: string) =>
  (consents as Record<string, ConsentState> | undefined)?.[purpose];

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

/** Whether the act would change nothing. A consent as of a later day is not given yet. */
const isSo = (known: ConsentState | undefined, given: boolean, now: Date): boolean =>
  known?.given === given && !(given && aheadOf(now, known) > APART_MS);

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
  (purpose: string) =>
  (act: PersonEntry): act is ConsentAct =>
    act.type === 'CONSENT' && act.purpose === purpose;

const isConsent = (act: PersonEntry): act is ConsentAct => act.type === 'CONSENT';

/** An act of consent, and whether it is what stands now. */
export type StandingConsent = ConsentAct & { readonly inForce: boolean };

/** A person's acts of consent, or the first so many of them, each with whether it is what stands now. */
export const consentsOf = (acts: readonly PersonEntry[], facts: Facts, most?: number): StandingConsent[] =>
  acts
    .filter(isConsent)
    .slice(0, most)
    .map((act) => {
      const state = stateOf(facts, act.purpose);
      const inForce = act.action === 'GIVEN' && state?.given === true && state.at.toISOString() === act.at;
      return { ...act, inForce };
    });

export type ConsentOperations = ReturnType<typeof createConsentOperations>;

export const createConsentOperations = (changes: Changes, ledger: PersonLedger, clock: Clock) => ({
  /**
   * Gives or withdraws a consent. Doing what is already so changes nothing; withdrawing what was never given is
   * an act of its own, and on record. Acknowledged, it governs every read that starts afterwards, by whatever clock: a
   * withdrawal is in force whenever it is dated.
   *
   * @param known  the person as the request has read them
   * @returns null where there is no such person
   */
  async act(
    sid: SubjectId,
    purpose: string,
    action: ConsentAction,
    known: PersonDocument | null = null,
  ): Promise<Outcome<ConsentAct> | null> {
    const given = action === 'GIVEN';
    const plan = ({ facts }: PersonDocument, now: Date): Change | null => {
      const state = stateOf(facts, purpose);
      if (isSo(state, given, now)) return null;
      const at = instantOf(state, given, now);
      const policyVersion = String(facts.acceptedVersion);
      return {
        set: { [`facts.consents.${purpose}`]: { given, at } },
        entries: [{ type: 'CONSENT', at: at.toISOString(), purpose, action, policyVersion, expression: 'EXPRESS' }],
      };
    };
    const changed = await changes.apply(sid, plan, known);
    if (!changed) return null;
    const { document } = changed;
    const state = stateOf(document.facts, purpose);
    if (state?.given) await reached(state, clock);
    const entry =
      changed.entries.find(isConsentTo(purpose)) ??
      (await findLatestAct(ledger, document, { types: ['CONSENT'] }, isConsentTo(purpose)));
    return { document, entry };
  },
});
