import { type Clause, choicesOf, type Policy, type Reveal, revealsOf } from './clause.ts';
import { conditionOf, measuresOf } from './compile.ts';
import { type Condition, consentLeavesOf, names } from './condition.ts';
import type { Fact, Part } from './fact.ts';
import type { Facts } from './facts.ts';
import { forbidsOf, permittedParts } from './forbids.ts';
import { everyFact, preferenceFact, restrictionFact } from './known-facts.ts';
import { type ConditionLeaf, factOf } from './leaf.ts';
import { implies, onlyFirst, questionOf } from './satisfiable.ts';
import { asked, someSituation, withPart } from './situations.ts';
import { isFirstParty } from './vocabulary.ts';

/** Choices and limits that a policy promises to people, and checks that its reveals respect them. */

const partsIn = (facts: readonly Fact[]): Part[] => facts.flatMap(({ part }) => (part ? [part] : []));

const putAll = (parts: readonly Part[], valueFor: (part: Part) => unknown): ((facts: Facts) => Facts) =>
  parts.reduce<(facts: Facts) => Facts>(
    (put, part) => (facts) => withPart(part, valueFor(part))(put(facts)),
    (facts) => facts,
  );

/** A person after they have declined everything that this policy lets people decline. */
export const declineAll = (policy: Policy): ((facts: Facts) => Facts) =>
  putAll(
    partsIn(everyFact(choicesOf([policy]))).filter(({ declined }) => declined !== undefined),
    ({ declined }) => declined,
  );

/** Whether a reveal shows data of a person even after they have declined everything. */
export function disregardsChoices(policy: Policy, reveal: Reveal): boolean {
  const question = asked(questionOf(conditionOf(policy, reveal), measuresOf(policy)), declineAll(policy));
  return someSituation(reveal.to, [question], ([holds]) => holds) === true;
}

/** The reason for people's choice about a reveal, in words; undefined if the policy gives them none. */
export function choicePromisedBy({ purposes }: Policy, clause: Clause, reveal: Reveal): string | undefined {
  if (reveal.to === 'SELF') return undefined;
  if (clause.kind.includes('control')) return 'the clause is a control';
  if (clause.legalBasis === 'CONSENT') return 'the legal basis of the clause is consent';
  const promotional = purposes.find(({ id, promotional }) => promotional && reveal.purposes?.includes(id));
  return promotional && `${promotional.id} is promotional`;
}

const NOT_OPTED_OUT: Condition = { not: { fact: 'standingOptOut' } };

/** Whether a reveal is promotional, needs no consent, and shows people in spite of a standing opt-out. */
export function disregardsSignal(policy: Policy, clause: Clause, reveal: Reveal): boolean {
  const promotes = policy.purposes.some(({ id, promotional }) => promotional && reveal.purposes?.includes(id));
  if (!promotes || clause.legalBasis === 'CONSENT') return false;
  return !implies(reveal.to, conditionOf(policy, reveal), NOT_OPTED_OUT, measuresOf(policy));
}

/** Whether a preference hides anything when it is off. */
export function isEffective(policy: Policy, preference: string): boolean {
  const measures = measuresOf(policy);
  const parts = partsIn([preferenceFact(preference)]);
  const states = [true, false].map((on) => putAll(parts, () => on));
  return revealsOf(policy).some((reveal) => {
    const condition = conditionOf(policy, reveal);
    if (!names(condition, { preference })) return false;
    const question = questionOf(condition, measures);
    const questions = states.map((state) => asked(question, state));
    return someSituation(reveal.to, questions, onlyFirst) !== false;
  });
}

/** The purposes of a reveal that people can restrict, but that it serves in spite of a restriction. */
export function disregardedRestrictions(policy: Policy, reveal: Reveal): string[] {
  const { restrictions } = choicesOf([policy]);
  const parts = permittedParts(policy, reveal, forbidsOf(policy));
  return restrictions.filter((purpose) =>
    parts.some((part) => {
      if (!part.purposes?.includes(purpose)) return false;
      const restricted = putAll(partsIn([restrictionFact(purpose)]), ({ declined }) => declined);
      const question = asked(questionOf(conditionOf(policy, part), measuresOf(policy)), restricted);
      return someSituation(part.to, [question], ([holds]) => holds) === true;
    }),
  );
}

/**
 * Whether a reveal shows a resident of the transfer region to a partner outside of it, without any of the consents to
 * the transfer.
 */
export function disregardsRegion(policy: Policy, reveal: Reveal): boolean {
  const [resident] = policy.transferRegion.countries;
  if (resident === undefined || isFirstParty(reveal.to)) return false;
  const measures = measuresOf(policy);
  const withheld = putAll(partsIn(transferConsents(policy).map(factOf)), ({ declined }) => declined);
  const question = asked(questionOf(conditionOf(policy, reveal), measures), (facts) => ({
    ...withheld(facts),
    residence: resident,
  }));
  const inside = questionOf({ fact: 'recipientInTransferRegion' }, measures);
  return someSituation(reveal.to, [question, inside], onlyFirst) === true;
}

/** The consents among the requirements for partners, and those that residents of the region give by acceptance. */
const transferConsents = ({ consents, partnerRequirements }: Policy): ConditionLeaf[] => [
  ...consents.filter(({ givenBy }) => givenBy === 'EXPLICIT_ACCEPTANCE').map(({ id }) => ({ consent: id })),
  ...consentLeavesOf(partnerRequirements),
];

/** Whether a policy uses a transfer region without countries. */
export const hasEmptyRegion = ({ transferRegion, consents, partnerRequirements }: Policy): boolean =>
  transferRegion.countries.length === 0 &&
  (names(partnerRequirements, { fact: 'residesInTransferRegion' }) ||
    consents.some(({ givenBy }) => givenBy === 'EXPLICIT_ACCEPTANCE'));

/** Whether a condition waits for the notice of a succession. */
export const waitsForNotice = (policy: Policy): boolean =>
  [policy.partnerRequirements, ...revealsOf(policy).map(({ when }) => when)].some((condition) =>
    names(condition, { fact: 'noticeElapsed' }),
  );
