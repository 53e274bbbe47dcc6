import { badInput } from '../base/errors.ts';
import { isRecord } from '../base/records.ts';
import type { PersonEntryBody } from '../ledger/chain/person-chain.ts';
import type { Facts } from '../policy/facts.ts';
import type { Change } from './model.ts';
import { isFor, type RecipientConsent, recipientConsentsOf, withoutConsent } from './ties.ts';

/** The latest act on one consent purpose, as decisions read it. */
export interface ConsentState {
  readonly given: boolean;
  readonly at: Date;
  /** The id of the tie by which a guardian gave it. */
  readonly tie?: string;
}

/** A consent, or for one recipient a consent that is given for each. */
export interface ConsentName {
  readonly purpose: string;
  /** The client id of the recipient; left out where the consent is given for everybody. */
  readonly recipient?: string | undefined;
}

/** An act on one consent. */
export interface ConsentAct {
  readonly name: ConsentName;
  readonly given: boolean;
  /** The tie of the guardian that acts; left out where the person does. */
  readonly tie?: string | undefined;
}

const statesOf = ({ consents }: Facts): Readonly<Record<string, ConsentState>> =>
  isRecord(consents) ? (consents as Record<string, ConsentState>) : {};

export function stateOf(facts: Facts, { purpose, recipient }: ConsentName): ConsentState | undefined {
  if (recipient === undefined) return statesOf(facts)[purpose];
  const consent = recipientConsentsOf(facts).find(isFor(purpose, recipient));
  return consent && { given: true, at: consent.at, ...(consent.tie !== undefined && { tie: consent.tie }) };
}

/** They are kept in the person's document, which must not grow without end. */
const MOST_FOR_RECIPIENTS = 500;

/** How far apart the times of two gateways can be: each is within half a second of the database's. */
export const APART_MS = 1_000;

/** How far ahead of now an act on record is, in milliseconds. */
export const aheadOf = (now: Date, { at }: ConsentState) => at.getTime() - now.getTime();

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

/** After how many milliseconds consents end that end by themselves, by their purposes. */
export type Periods = ReadonlyMap<string, number>;

const NO_PERIODS: Periods = new Map();

const hasEnded = ({ purpose, at }: RecipientConsent, now: Date, periods: Periods): boolean => {
  const period = periods.get(purpose);
  return period !== undefined && at.getTime() + period <= now.getTime();
};

/**
 * A person's facts after an act. For consents for one recipient they hold the given ones; those that have ended go once
 * another one is given.
 *
 * @throws {ApiError} BAD_INPUT where the person has given too many consents for single recipients
 */
export function withAct(facts: Facts, { name, given, tie }: ConsentAct, at: Date, periods = NO_PERIODS): Facts {
  const { purpose, recipient } = name;
  const byGuardian = given && tie !== undefined ? { tie } : {};
  if (recipient === undefined)
    return { ...facts, consents: { ...statesOf(facts), [purpose]: { given, at, ...byGuardian } } };
  const others = withoutConsent(recipientConsentsOf(facts), purpose, recipient);
  if (!given) return { ...facts, recipientConsents: others };
  const standing = others.filter((consent) => !hasEnded(consent, at, periods));
  if (standing.length >= MOST_FOR_RECIPIENTS)
    throw badInput('recipient', `no more than ${MOST_FOR_RECIPIENTS} consents for single recipients at a time`);
  return { ...facts, recipientConsents: [...standing, { purpose, partner: recipient, at, ...byGuardian }] };
}

/** An act as the ledger tells it. */
export const entryOfAct = (
  { acceptedVersion }: Facts,
  { name: { purpose, recipient }, given, tie }: ConsentAct,
  at: Date,
): PersonEntryBody => ({
  ...{ type: 'CONSENT', at: at.toISOString(), purpose, ...(recipient !== undefined && { recipient }) },
  ...{ action: given ? 'GIVEN' : 'WITHDRAWN', policyVersion: String(acceptedVersion), expression: 'EXPRESS' },
  ...(tie !== undefined && { tie }),
});

/** The writes of a change after acts have changed a person's facts. */
export const consentSettings = (before: Facts, after: Facts): Record<string, unknown> =>
  Object.fromEntries(
    (['consents', 'recipientConsents'] as const)
      .filter((part) => after[part] !== before[part])
      .map((part) => [`facts.${part}`, after[part]]),
  );

/**
 * The change that acts on consents make of a person now.
 *
 * @throws {ApiError} BAD_INPUT where the person has given too many consents for single recipients
 */
export function changeBy(facts: Facts, acts: readonly ConsentAct[], now: Date, periods = NO_PERIODS): Change {
  let after = facts;
  const entries = acts.map((act) => {
    const at = instantOf(stateOf(after, act.name), act.given, now);
    after = withAct(after, act, at, periods);
    return entryOfAct(facts, act, at);
  });
  return { set: consentSettings(facts, after), entries };
}

/** The consents that a guardian gave by a tie, and that stand. */
const givenBy = (facts: Facts, tie: string): ConsentName[] => [
  ...Object.entries(statesOf(facts))
    .filter(([, state]) => state?.given === true && state.tie === tie)
    .map(([purpose]) => ({ purpose })),
  ...recipientConsentsOf(facts)
    .filter((consent) => consent.tie === tie)
    .map(({ purpose, partner }) => ({ purpose, recipient: partner })),
];

/** Takes back all that a guardian gave by a tie: it has ended. */
export const takenBack = (facts: Facts, tie: string, now: Date): Change =>
  changeBy(
    facts,
    givenBy(facts, tie).map((name) => ({ name, given: false, tie })),
    now,
  );
