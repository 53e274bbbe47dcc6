import type { Clock } from '../../clock.ts';
import type { PersonEntry, PersonLedger } from '../../ledger/person-chain.ts';
import type { Facts } from '../../policy/facts.ts';
import { findLatestAct } from '../../subject/acts.ts';
import type { Change, Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
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
 * The latest by instant; at the same instant a withdrawal wins.
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

/**
 * The instant of an act: now, but never before the act that it changes, and after it when it gives,
 * since at the same instant the withdrawal would win.
 */
const instantOf = (known: ConsentState | undefined, given: boolean, now: Date) =>
  known ? new Date(Math.max(now.getTime(), known.at.getTime() + (given ? 1 : 0))) : now;

/** An act a moment ahead of the clock is acknowledged when the clock is there, so that it governs the next read. */
const reached = (at: Date, now: Date) => new Promise((resolve) => setTimeout(resolve, at.getTime() - now.getTime()));

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

export const createConsentOperations = (changes: Changes, ledger: PersonLedger, clock: Clock) => ({
  /**
   * Gives or withdraws a consent. Doing what is already so changes nothing; withdrawing what was never given is
   * an act of its own, and on record. Acknowledged, it governs every read that starts afterwards.
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
      if (state?.given === given) return null;
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
    const now = clock.now();
    if (state && state.at > now) await reached(state.at, now);
    const entry =
      changed.entries.find(isConsentTo(purpose)) ??
      (await findLatestAct(ledger, document, { types: ['CONSENT'] }, isConsentTo(purpose)));
    return { document, entry };
  },
});
