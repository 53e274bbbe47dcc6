import type { Policy } from './clause.ts';
import type { Condition } from './condition.ts';
import type { Facts, Measures } from './facts.ts';
import { ageFact } from './known-facts.ts';

/** Consents that a guardian gives for people under an age. */

type WithConsents = Pick<Policy, 'consents'>;

/** The age under which a guardian gives a consent, and the kind of the guardian's tie. */
export type Under = NonNullable<Policy['consents'][number]['under']>;

/** @returns null for a consent without guardians, and for one that the policy does not define */
export const underOf = ({ consents }: WithConsents, consent: string): Under | null =>
  consents.find(({ id }) => id === consent)?.under ?? null;

/** The ties by which guardians give consents under some of these policies. */
export const guardianTies = (policies: Iterable<WithConsents>): ReadonlySet<string> =>
  new Set([...policies].flatMap(({ consents }) => consents.flatMap(({ under }) => under?.by ?? [])));

/** Whether a person is known to be old enough to act themself. An unknown age counts as too young. */
export const actsThemself = (facts: Facts, { age }: Under, now: Date): boolean =>
  ageFact({ atLeast: age }).test({ facts, recipient: null, now, measures: NO_MEASURES }) === true;

/** The fact of an age uses no measures. */
const NO_MEASURES: Measures = {
  noticeHours: 0,
  transferRegion: new Set(),
  regions: new Map(),
  consentPeriods: new Map(),
};

/**
 * A condition with each consent of guardians spelled out: a guardian gave it, at every age, or the person gave it and
 * is old enough. So a person's own consent does not count once they are known to be too young for it.
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
