import canonicalize from 'canonicalize';
import type { Policy } from './clause.ts';
import { conditionOf, measuresOf } from './compile.ts';
import { combine, compileCondition, countingKindsOf, leavesOf } from './condition.ts';
import type { Fact } from './fact.ts';
import type { Facts, Region } from './facts.ts';
import { legalProcessFact, sampleProcesses } from './known-facts.ts';
import { factOf } from './leaf.ts';
import { type Line, linesOf } from './lines.ts';
import type { CountingKinds } from './process-kinds.ts';
import type { Question } from './situations.ts';
import { type DataCategory, isIn, NO_CATEGORIES } from './vocabulary.ts';

/** The reveals of a policy as questions about people. */

type Asked = Pick<Fact, 'test' | 'part'>;

/** Whether the person has accepted the version in question. */
const ACCEPTED: Asked = {
  test: ({ facts }) => (typeof facts.acceptedVersion === 'boolean' ? facts.acceptedVersion : undefined),
  part: { path: ['acceptedVersion'], cases: () => [true, false] },
};

/** Whether a legal process in force, of a kind that counts, names the category. */
function naming(category: DataCategory, kinds: CountingKinds): Asked {
  const { categories: namedIn } = legalProcessFact(kinds);
  return {
    test: (situation) =>
      Array.isArray(situation.facts.legalProcesses) ? isIn(namedIn?.(situation) ?? NO_CATEGORIES, category) : undefined,
    part: {
      path: ['legalProcesses'],
      cases: (caller) =>
        [[category], []].flatMap((categories) =>
          sampleProcesses(categories, kinds, caller).map((process) => [process]),
        ),
    },
  };
}

/** One line of a policy with its terms, in a form that can be compared. */
export interface TermedLine extends Line {
  readonly policy: Policy;
  readonly terms: string;
}

export const termedLines = (policy: Policy): TermedLine[] => {
  const { noticeHours, transferRegion, regions, consentPeriods, heldTimes } = measuresOf(policy);
  const countriesOf = (region: Region) => [...region].sort();
  const measures = {
    noticeHours,
    countries: countriesOf(transferRegion),
    regions: Object.fromEntries([...regions].map(([id, region]) => [id, countriesOf(region)])),
    consentPeriods: Object.fromEntries(consentPeriods),
    ...(heldTimes?.size && { heldTimes: Object.fromEntries(heldTimes) }),
  };
  return linesOf(policy).map((line) => ({
    ...line,
    policy,
    terms: canonicalize({
      condition: conditionOf(policy, line.reveal),
      judgedUnder: line.clause.judgedUnder,
      namedBy: 'namedBy' in line.reveal.categories,
      measures,
    }) as string,
  }));
};

function questionsOf({ policy, clause, reveal }: TermedLine, category: DataCategory): Question {
  const condition = conditionOf(policy, reveal);
  const facts: Asked[] = [...leavesOf(condition)].map(({ leaf }) => factOf(leaf));
  const others = [
    ...(clause.judgedUnder === 'ACCEPTED' ? [ACCEPTED] : []),
    ...('namedBy' in reveal.categories ? [naming(category, countingKindsOf(reveal.when))] : []),
  ];
  return {
    test: combine([compileCondition(condition), ...others], false),
    facts: [...facts, ...others],
    measures: measuresOf(policy),
  };
}

/** Whether any of these lines shows the category. */
export const grantOf = (lines: readonly TermedLine[], category: DataCategory, policy: Policy): Question => {
  const questions = lines.map((line) => questionsOf(line, category));
  return {
    test: combine(questions, true),
    facts: questions.flatMap(({ facts }) => facts),
    measures: measuresOf(policy),
  };
};

/** A newly registered person under a policy, without choices yet. */
export function newcomerUnder({ defaults, consents, transferRegion }: Policy): (facts: Facts) => Facts {
  const countries = new Set<unknown>(transferRegion.countries);
  const bundled = consents.filter(({ givenBy }) => givenBy === 'EXPLICIT_ACCEPTANCE');
  return (facts) => ({
    ...facts,
    preferences: defaults.preferences,
    recipientConsents: [],
    consents: countries.has(facts.residence)
      ? Object.fromEntries(bundled.map(({ id }) => [id, { given: true, at: new Date(0) }]))
      : {},
    ...(Array.isArray(facts.socialLinks) && {
      socialLinks: facts.socialLinks.map((link) => ({ ...link, autoPost: defaults.autoPost })),
    }),
  });
}

/** The preferences and consents that a newcomer has without choosing them. */
export const beginnings = ({ defaults, consents }: Policy) =>
  canonicalize({ defaults, consents: consents.map(({ id, givenBy }) => [id, givenBy]) });
