import { HOUR } from '../base/durations.ts';
import { groupBy } from '../base/group-by.ts';
import type { Fact, Part } from './fact.ts';
import type { Caller, Facts, Measures, Situation, Truth } from './facts.ts';
import { differingCountries } from './regions.ts';
import { isFirstParty } from './vocabulary.ts';

/** A question about people, with the facts that it uses and the numbers of its policy. */
export interface Question {
  readonly test: (situation: Situation) => Truth;
  readonly facts: readonly Pick<Fact, 'test' | 'part' | 'attribute'>[];
  readonly measures: Measures;
}

/** The same question after some facts of the person are settled. */
export const asked = (question: Question, settle: (facts: Facts) => Facts): Question => ({
  ...question,
  test: (situation) => question.test({ ...situation, facts: settle(situation.facts) }),
});

/** Tells from the answers whether a situation is of a certain sort; undefined if more facts are needed. */
export type Sort = (answers: readonly Truth[]) => Truth;

/**
 * Whether a situation of a certain sort exists, among all situations that these questions distinguish.
 *
 * @param audience  SELF, VISITOR, MEMBER, STAFF_<role> or a partner kind
 * @returns undefined if there are too many situations to search
 */
export function someSituation(audience: string, questions: readonly Question[], sort: Sort): Truth {
  const found = callersOf(audience, questions).map((caller) => somePerson(questions, caller, sort));
  return found.includes(true) || (found.includes(undefined) ? undefined : false);
}

/** The search ends without a result after this number of people. */
const MOST = 20_000;

/**
 * The same toward one caller. The search builds people part by part, and missing parts are unknown. In three-valued
 * logic no verdict changes when an unknown fact becomes known, so that most people are never built completely.
 */
export function somePerson(questions: readonly Question[], caller: Caller, sort: Sort): Truth {
  const steps = [...attributeSteps(questions, caller), ...factSteps(questions, caller)];
  let left = MOST;
  const search = (depth: number, found: Found): boolean => {
    left -= 1;
    if (left < 0) return false;
    const verdict = sort(questions.map(({ test, measures }) => test({ ...found, measures })));
    const next = steps[depth];
    if (verdict !== undefined || !next) return verdict === true;
    return next.some((step) => search(depth + 1, step(found)));
  };
  return search(0, { ...caller, facts: {} }) || (left < 0 ? undefined : false);
}

type Found = Omit<Situation, 'measures'>;
type Step = (found: Found) => Found;
type WithPart = (facts: Facts) => Facts;

const unchanged: Step = (found) => found;

/** The cases of each attribute in the questions: true, false, and absent from the contract. */
function attributeSteps(questions: readonly Question[], { recipient }: Caller): readonly (readonly Step[])[] {
  if (recipient === null) return [];
  const attributes = new Set(questions.flatMap(({ facts }) => facts.flatMap(({ attribute }) => attribute ?? [])));
  return [...attributes].map((attribute) => [...[true, false].map((value) => saying(attribute, value)), unchanged]);
}

const NO_CONTRACT = { from: null, until: null, purposes: [] };

const saying =
  (attribute: string, value: boolean): Step =>
  ({ recipient, ...found }) => {
    const contract = recipient?.contract ?? NO_CONTRACT;
    const attributes = { ...recipient?.contract?.attributes, [attribute]: value };
    return { ...found, recipient: recipient && { ...recipient, contract: { ...contract, attributes } } };
  };

/** The cases of each part in the questions that they distinguish; a missing part is one case. */
function factSteps(questions: readonly Question[], caller: Caller): readonly (readonly Step[])[] {
  const looks = questions.flatMap(({ facts, measures }) =>
    facts.flatMap(({ test, part }) => (part ? [{ test, part, measures }] : [])),
  );
  const measures = questions.map((question) => question.measures);
  return [...groupBy(looks, ({ part }) => part.path.join('.')).values()].map((alike) => {
    const values = alike.flatMap(({ part }) => part.cases(caller, measures));
    const told = (put: WithPart) =>
      alike.map((look) => String(look.test({ ...caller, facts: put({}), measures: look.measures }))).join();
    const [{ part } = { part: null }] = alike;
    const puts = part ? [...values, ...joined(values)].map((value) => withPart(part, value)) : [];
    return [
      ...distinctBy(puts, told).map(
        (put): Step =>
          (found) => ({ ...found, facts: put(found.facts) }),
      ),
      unchanged,
    ];
  });
}

/** Up to this number of list elements the search tries every combination; with more elements, only all together. */
const MOST_TOGETHER = 6;

/** Lists with the elements of several cases: a person may fulfil several facts of one list. */
function joined(cases: readonly unknown[]): unknown[][] {
  const elements = distinctBy(cases.filter(Array.isArray).flat(), (element) => JSON.stringify(element));
  if (elements.length < 2) return [];
  if (elements.length > MOST_TOGETHER) return [elements];
  const lists: unknown[][] = [[]];
  for (const element of elements) lists.push(...lists.map((list) => [...list, element]));
  return lists;
}

/** Puts one value of this part into a person's facts. */
export const withPart =
  ({ path: [name, key] }: Part, value: unknown): WithPart =>
  (facts) => ({ ...facts, [name]: key === undefined ? value : { ...(facts[name] as object), [key]: value } });

const distinctBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] => [
  ...new Map(items.map((item) => [keyOf(item), item])).values(),
];

const NOW = new Date(0);

/** The callers of one audience that the questions distinguish. */
export function callersOf(audience: string, questions: readonly Question[]): Caller[] {
  if (isFirstParty(audience)) return [{ recipient: null, now: NOW }];
  const measures = questions.map((question) => question.measures);
  const announced = [0, ...measures.map(({ noticeHours }) => noticeHours)].map((hours) => NOW.getTime() - hours * HOUR);
  const callers = differingCountries(measures).flatMap((jurisdiction) =>
    [null, ...new Set(announced)].map((time) => ({
      recipient: {
        ...{ clientId: 'any', kind: audience, active: true, jurisdiction, contract: null },
        successionAnnouncedAt: time === null ? null : new Date(time),
      },
      now: NOW,
    })),
  );
  const asked = questions.flatMap(({ facts, measures }) =>
    facts.flatMap(({ test, part }) => (part ? [] : [{ test, measures }])),
  );
  return distinctBy(callers, (caller) =>
    asked.map(({ test, measures }) => String(test({ ...caller, facts: {}, measures }))).join(),
  );
}
