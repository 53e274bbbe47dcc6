import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALWAYS, type Condition, compileCondition, leavesOf, type Trace } from '../../src/policy/condition.ts';
import type { Situation, Truth } from '../../src/policy/facts.ts';
import { preferenceFact } from '../../src/policy/known-facts.ts';
import type { ConditionLeaf } from '../../src/policy/leaf.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;
const TRUTHS: readonly Truth[] = [true, false, undefined];

type Suppositions = Partial<Record<(typeof NAMES)[number], Truth>>;

const SITUATION: Situation = {
  facts: {},
  recipient: null,
  now: new Date(0),
  measures: { noticeHours: 0, transferRegion: new Set(), regions: new Map(), consentPeriods: new Map() },
};

const nameOf = (leaf: ConditionLeaf) => ('preference' in leaf ? leaf.preference : '') as (typeof NAMES)[number];
const compiled = (condition: Condition, supposed: Suppositions) =>
  compileCondition(condition, (leaf) => ({ ...preferenceFact(nameOf(leaf)), test: () => supposed[nameOf(leaf)] }));
const truthOf = (condition: Condition, supposed: Suppositions) => compiled(condition, supposed).test(SITUATION);

const { condition: conditions } = fc.letrec<{ condition: Condition; leaf: Condition }>((tie) => ({
  leaf: fc.constantFrom(...NAMES).map((preference) => ({ preference })),
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('leaf'),
    fc.record({ not: tie('condition') }),
    fc.record({ all: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { maxLength: 3 }) }),
  ),
}));
const suppositions = fc.record(
  Object.fromEntries(NAMES.map((name) => [name, fc.constantFrom(...TRUTHS)])) as Record<
    (typeof NAMES)[number],
    fc.Arbitrary<Truth>
  >,
);

const [A, B] = [{ preference: 'a' }, { preference: 'b' }];
const pairs = TRUTHS.flatMap((a) => TRUTHS.map((b) => ({ a, b })));
/** False, unknown and true as numbers: Kleene's conjunction is the least of them, and his disjunction the greatest. */
const grade = (truth: Truth) => (truth === undefined ? 1 : truth ? 2 : 0);

describe('three values', () => {
  test.each([
    { a: true, negated: false },
    { a: false, negated: true },
    { a: undefined, negated: undefined },
  ])('not $a is $negated', ({ a, negated }) => expect(truthOf({ not: A }, { a })).toBe(negated));

  test.each(pairs)('all of $a and $b is the least of them', ({ a, b }) =>
    expect(grade(truthOf({ all: [A, B] }, { a, b }))).toBe(Math.min(grade(a), grade(b))));

  test.each(pairs)('any of $a and $b is the greatest of them', ({ a, b }) =>
    expect(grade(truthOf({ any: [A, B] }, { a, b }))).toBe(Math.max(grade(a), grade(b))));

  test('all of no conditions always holds, and any of none never does', () => {
    expect(truthOf(ALWAYS, {})).toBe(true);
    expect(truthOf({ any: [] }, {})).toBe(false);
  });

  test('a condition does not hold while nothing is known, negated or not', () =>
    fc.assert(
      fc.property(conditions, (condition) => {
        const named = [...leavesOf(condition)].length > 0;
        const alwaysSo = truthOf(condition, {}) === true;
        if (named && alwaysSo)
          expect(
            pairs.every(({ a, b }) => pairs.every(({ a: c, b: d }) => truthOf(condition, { a, b, c, d }) === true)),
          ).toBe(true);
      }),
    ));

  test('forgetting a fact never turns a denial into a reveal, nor one verdict into the other', () =>
    fc.assert(
      fc.property(conditions, suppositions, fc.constantFrom(...NAMES), (condition, supposed, forgotten) => {
        const before = truthOf(condition, supposed);
        const after = truthOf(condition, { ...supposed, [forgotten]: undefined });
        expect([before, undefined]).toContain(after);
      }),
    ));

  test("De Morgan's laws hold", () =>
    fc.assert(
      fc.property(fc.array(conditions, { maxLength: 3 }), suppositions, (parts, supposed) => {
        const negated = parts.map((part) => ({ not: part }));
        expect(truthOf({ not: { all: parts } }, supposed)).toBe(truthOf({ any: negated }, supposed));
        expect(truthOf({ not: { any: parts } }, supposed)).toBe(truthOf({ all: negated }, supposed));
      }),
    ));
});

/** The truth of a trace, worked out from its parts alone. */
const concluded = ({ operator, holds, of }: Trace): Truth => {
  const grades = of.map((part) => grade(part.holds));
  const truths = [false, undefined, true];
  if (operator === 'ALL') return truths[Math.min(2, ...grades)];
  if (operator === 'ANY') return truths[Math.max(0, ...grades)];
  return operator === 'NOT' ? truths[2 - (grades[0] ?? 1)] : holds;
};
const everyStep = (trace: Trace): Trace[] => [trace, ...trace.of.flatMap(everyStep)];

test('a trace has the truth of its condition, step by step', () =>
  fc.assert(
    fc.property(conditions, suppositions, (condition, supposed) => {
      const trace = compiled(condition, supposed).trace(SITUATION);
      expect(trace.holds).toBe(truthOf(condition, supposed));
      for (const step of everyStep(trace)) expect(step.holds).toBe(concluded(step));
    }),
  ));

test('a leaf is negated where an odd number of negations stands above it', () => {
  const condition: Condition = { all: [A, { not: { any: [B, { not: A }] } }] };
  expect([...leavesOf(condition)]).toEqual([
    { leaf: A, negated: false },
    { leaf: B, negated: true },
    { leaf: A, negated: false },
  ]);
});
