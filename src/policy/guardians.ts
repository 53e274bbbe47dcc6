import type { Policy } from './clause.ts';
import type { Condition } from './condition.ts';
import type { Facts, Measures } from './facts.ts';
import { ageFact } from './known-facts.ts';

/** Consents that a guardian gives for people under an age. */

type WithConsents = Pick<Policy, 'consents'>;

/** The age under which a guardian gives a consent, and the tie that a guardian has. */
export type Under = NonNullable<Policy['consents'][number]['under']>;

/** @returns null for a consent that everybody gives for themself, and for none of this policy */
export const underOf = ({ consents }: WithConsents, consent: string): Under | null =>
  consents.find(({ id }) => id === consent)?.under ?? null;

/** The ties by which guardians give consents under some of these policies. */
export const guardianTies = (policies: Iterable<WithConsents>): ReadonlySet<string> =>
  new Set([...policies].flatMap(({ consents }) => consents.flatMap(({ under }) => under?.by ?? [])));

/** Whether a person is known to have come of the age from which they act themself. An unknown age counts as under it. */
export const actsThemself = (facts: Facts, { age }: Under, now: Date): boolean =>
  ageFact({ atLeast: age }).test({ facts, recipient: null, now, measures: NO_MEASURES }) === true;

/** An age is measured against none. */
const NO_MEASURES: Measures = {
  noticeHours: 0,
  transferRegion: new Set(),
  regions: new Map(),
  consentPeriods: new Map(),
};

/**
 * A condition with each consent of guardians spelled out: a guardian gave it, whatever the age, or the person gave it and
 * is old enough. So a consent that a person gave before they were known to be too young for it holds nothing.
 */
export function spelledOut(policy: WithConsents, condition: Condition): Condition {
  const all = (parts: readonly Condition[]) => parts.map((part) => spelledOut(policy, part));
  if ('all' in condition) return { all: all(condition.all) };
  if ('any' in condition) return { any: all(condition.any) };
  if ('not' in condition) return { not: spelledOut(policy, condition.not) };
  if ('consent' in condition) return byGuardianOr(policy, condition.consent, 'guardianConsent', condition);
  if ('recipientConsent' in condition)
    return byGuardianOr(policy, condition.recipientConsent, 'guardianRecipientConsent', condition);
  return condition;
}

function byGuardianOr(
  policy: WithConsents,
  consent: string,
  byGuardian: 'guardianConsent' | 'guardianRecipientConsent',
  own: Condition,
): Condition {
  const under = underOf(policy, consent);
  if (under === null) return own;
  return { any: [{ [byGuardian]: consent } as Condition, { all: [own, { age: { atLeast: under.age } }] }] };
}
