import { DAY } from '../base/durations.ts';
import { isRecord } from '../base/records.ts';
import { consentPeriodsOf, type Policy } from '../policy/clause.ts';
import type { Facts } from '../policy/facts.ts';
import type { ConsentName, ConsentState, Periods } from './consents.ts';
import type { Change, ConsentEnds, PersonDocument } from './model.ts';
import { recipientConsentsOf } from './ties.ts';

/**
 * Consents that end by themselves. Decisions compare times, and need none of this: it is kept so that the end of a consent
 * is told, to the person before it and to recipients after it.
 */

/** A consent that is given and ends by itself. */
export interface EndingConsent extends ConsentName {
  readonly at: Date;
  readonly endsAt: Date;
  /** When the person is to be told of it. */
  readonly tellAt: Date;
}

/** All versions of the policy, by their names. */
export type Policies = ReadonlyMap<string, Policy>;

/** After how many milliseconds consents end by themselves, under the version that the person accepted. */
export function periodsFor(policies: Policies, { acceptedVersion }: Facts): Periods {
  const policy = policies.get(acceptedVersion as string);
  return policy ? consentPeriodsOf(policy) : new Map();
}

/** The person is told so long before the end; or at half time, if the consent is shorter than twice that. */
const TOLD_BEFORE = 7 * DAY;
/** One mail tells of all that would be told within so long. */
const TOGETHER = 7 * DAY;

export function endingConsents(policies: Policies, facts: Facts): EndingConsent[] {
  const periods = periodsFor(policies, facts);
  if (periods.size === 0) return [];
  const states = isRecord(facts.consents) ? (facts.consents as Record<string, ConsentState>) : {};
  const given = [
    ...Object.entries(states).flatMap(([purpose, state]) =>
      state?.given === true && state.at instanceof Date ? [{ purpose, at: state.at }] : [],
    ),
    ...recipientConsentsOf(facts).map(({ purpose, partner, at }) => ({ purpose, recipient: partner, at })),
  ];
  return given.flatMap((consent) => {
    const period = periods.get(consent.purpose);
    if (period === undefined) return [];
    const endsAt = new Date(consent.at.getTime() + period);
    return [{ ...consent, endsAt, tellAt: new Date(endsAt.getTime() - Math.min(TOLD_BEFORE, period / 2)) }];
  });
}

/** Whether the end is on record. A consent that ends was given before that: one given anew ends later. */
const isEnded = ({ endsAt }: EndingConsent, { endedAt }: ConsentEnds) => endedAt !== undefined && endsAt <= endedAt;

/** Whether the person was told. The mail does not speak of consents given after it. */
const isTold = ({ at, tellAt }: EndingConsent, { toldAt }: ConsentEnds) =>
  toldAt !== undefined && at <= toldAt && tellAt.getTime() <= toldAt.getTime() + TOGETHER;

/** The consents that have ended, but have no end on record yet. */
export const endedNow = (ending: readonly EndingConsent[], ends: ConsentEnds, now: Date): EndingConsent[] =>
  ending.filter((consent) => consent.endsAt <= now && !isEnded(consent, ends));

/** The consents that the person is to be told of now: none before the first of them is due. */
export function endingSoon(ending: readonly EndingConsent[], ends: ConsentEnds, now: Date): EndingConsent[] {
  const untold = ending.filter((consent) => now < consent.endsAt && !isTold(consent, ends));
  if (!untold.some(({ tellAt }) => tellAt <= now)) return [];
  return untold.filter(({ tellAt }) => tellAt.getTime() <= now.getTime() + TOGETHER);
}

/** When the sweep next has something to tell of these consents; undefined where it never has. */
function dueOf(ending: readonly EndingConsent[], ends: ConsentEnds): Date | undefined {
  const times = ending
    .filter((consent) => !isEnded(consent, ends))
    .map((consent) => (isTold(consent, ends) ? consent.endsAt : consent.tellAt).getTime());
  return times.length > 0 ? new Date(Math.min(...times)) : undefined;
}

/** The same marks with the time that follows from them. */
function withDue(policies: Policies, facts: Facts, { dueAt: _, ...marks }: ConsentEnds): ConsentEnds {
  const dueAt = dueOf(endingConsents(policies, facts), marks);
  return { ...marks, ...(dueAt && { dueAt }) };
}

/** Somebody new, with the time at which the first of their consents has something to tell. */
export function personWithEnds<New extends Pick<PersonDocument, 'facts'>>(policies: Policies, person: New): New {
  const consentEnds = withDue(policies, person.facts, {});
  return consentEnds.dueAt ? { ...person, consentEnds } : person;
}

const PARTS = ['consents', 'recipientConsents', 'acceptedVersion'] as const;

/** A change that concerns consents, with the time at which the sweep looks at the person next. */
export function changeWithEnds(
  policies: Policies,
  { facts, consentEnds = {} }: Pick<PersonDocument, 'facts' | 'consentEnds'>,
  change: Change,
): Change {
  const { set = {} } = change;
  const touched = PARTS.filter((part) => `facts.${part}` in set);
  if (touched.length === 0 && !('consentEnds' in set)) return change;
  const after = { ...facts, ...Object.fromEntries(touched.map((part) => [part, set[`facts.${part}`]])) };
  const marks = (set.consentEnds as ConsentEnds | undefined) ?? consentEnds;
  const wanted = withDue(policies, after, marks);
  if (wanted.dueAt?.getTime() === consentEnds.dueAt?.getTime() && marks === consentEnds) return change;
  return { ...change, set: { ...set, consentEnds: wanted } };
}
