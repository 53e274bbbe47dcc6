import { isDeepStrictEqual } from 'node:util';
import type { Fact } from './fact.ts';
import type { Measures, Situation, Truth } from './facts.ts';
import { and, type Filter, or } from './filter.ts';
import { type ConditionLeaf, factOf } from './leaf.ts';
import type { CountingKinds } from './process-kinds.ts';

/** A condition in the form of the policy file. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  /** Measured with the numbers of another version than its own. No file contains it. */
  | { readonly measured: Condition; readonly by: Measures }
  | ConditionLeaf;

/** One step of the reasoning, for people. */
export interface Trace {
  readonly operator: 'ALL' | 'ANY' | 'NOT' | 'FACT';
  readonly says: string;
  readonly holds: Truth;
  readonly of: readonly Trace[];
}

/** A compiled condition: its truth in three values, its reasoning, and a filter for people who fulfil it. */
export interface CompiledCondition {
  readonly test: (situation: Situation) => Truth;
  readonly trace: (situation: Situation) => Trace;
  /** The people for whom it gives `expected`; ignores `situation.facts`. `named`: see {@link Fact.filter}. */
  readonly filter: (situation: Situation, expected: boolean, named?: readonly string[]) => Filter;
}

const negate = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);

/** Kleene's strong conjunction (`decisive` false) and disjunction (`decisive` true). */
export const combine =
  (parts: readonly Pick<CompiledCondition, 'test'>[], decisive: boolean) =>
  (situation: Situation): Truth => {
    let result: Truth = !decisive;
    for (const part of parts) {
      const truth = part.test(situation);
      if (truth === decisive) return decisive;
      if (truth === undefined) result = undefined;
    }
    return result;
  };

function group(operator: 'ALL' | 'ANY', parts: readonly CompiledCondition[]): CompiledCondition {
  const test = combine(parts, operator === 'ANY');
  return {
    test,
    trace: (situation) => ({
      operator,
      says: operator === 'ALL' ? 'all of these hold' : 'one of these holds',
      holds: test(situation),
      of: parts.map((part) => part.trace(situation)),
    }),
    filter: (situation, expected, named) => {
      const filters = parts.map((part) => part.filter(situation, expected, named));
      return (operator === 'ALL') === expected ? and(filters) : or(filters);
    },
  };
}

const negation = (part: CompiledCondition): CompiledCondition => ({
  test: (situation) => negate(part.test(situation)),
  trace: (situation) => ({
    operator: 'NOT',
    says: 'this does not hold',
    holds: negate(part.test(situation)),
    of: [part.trace(situation)],
  }),
  filter: (situation, expected) => part.filter(situation, !expected),
});

const leaf = (fact: Fact): CompiledCondition => ({
  test: fact.test,
  trace: (situation) => ({ operator: 'FACT', says: fact.says, holds: fact.test(situation), of: [] }),
  filter: (situation, expected, named) => fact.filter(situation, expected, named) ?? false,
});

/** A condition with a further fact. */
export const besides = (fact: Fact, condition: CompiledCondition): CompiledCondition =>
  group('ALL', [leaf(fact), condition]);

/** A condition without parts always holds. */
export const ALWAYS: Condition = { all: [] };

/** @param factFor  gives the fact of each leaf */
export function compileCondition(condition: Condition, factFor = factOf): CompiledCondition {
  const compileAll = (parts: readonly Condition[]) => parts.map((part) => compileCondition(part, factFor));
  if ('all' in condition) return group('ALL', compileAll(condition.all));
  if ('any' in condition) return group('ANY', compileAll(condition.any));
  if ('measured' in condition) return measuredBy(condition.by, compileCondition(condition.measured, factFor));
  return 'not' in condition ? negation(compileCondition(condition.not, factFor)) : leaf(factFor(condition));
}

const measuredBy = (measures: Measures, part: CompiledCondition): CompiledCondition => ({
  test: (situation) => part.test({ ...situation, measures }),
  trace: (situation) => part.trace({ ...situation, measures }),
  filter: (situation, expected, named) => part.filter({ ...situation, measures }, expected, named),
});

/** Every leaf of a condition; `negated` under an odd number of `not`. */
export function* leavesOf(condition: Condition, negated = false): Generator<{ leaf: ConditionLeaf; negated: boolean }> {
  if ('all' in condition) for (const part of condition.all) yield* leavesOf(part, negated);
  else if ('any' in condition) for (const part of condition.any) yield* leavesOf(part, negated);
  else if ('not' in condition) yield* leavesOf(condition.not, !negated);
  else if ('measured' in condition) yield* leavesOf(condition.measured, negated);
  else yield { leaf: condition, negated };
}

/** Whether a condition names a leaf. */
export const names = (condition: Condition, wanted: ConditionLeaf): boolean =>
  [...leavesOf(condition)].some(({ leaf }) => isDeepStrictEqual(leaf, wanted));

/** The leaves of a condition that ask for a consent, whether for everybody or for one recipient. */
export const consentLeavesOf = (condition: Condition) =>
  [...leavesOf(condition)].flatMap(({ leaf }) => ('consent' in leaf || 'recipientConsent' in leaf ? [leaf] : []));

/** The consents that a condition names. */
export const consentsIn = (condition: Condition): ReadonlySet<string> =>
  new Set(consentLeavesOf(condition).map((leaf) => ('consent' in leaf ? leaf.consent : leaf.recipientConsent)));

/** The parts of a condition that all have to hold. */
export const conjunctsOf = (condition: Condition): Condition[] =>
  'all' in condition ? condition.all.flatMap(conjunctsOf) : [condition];

/** The kinds of legal process that a condition asks for in every case. */
export function countingKindsOf(condition: Condition): CountingKinds {
  const asked = conjunctsOf(condition).flatMap((part) => ('process' in part ? [part.process.kind] : []));
  return asked[0] ? new Set(asked[0]) : null;
}

/** The ties that a condition names. */
export const tiesIn = (condition: Condition): ReadonlySet<string> =>
  new Set([...leavesOf(condition)].flatMap(({ leaf }) => ('tie' in leaf ? [leaf.tie] : [])));

const ALWAYS_IN_WORDS = 'always';

/** A condition in words. */
export function describe(condition: Condition): string {
  if ('all' in condition) {
    const parts = condition.all.map(describe).filter((part) => part !== ALWAYS_IN_WORDS);
    return parts.length === 0 ? ALWAYS_IN_WORDS : parts.join(', and ');
  }
  if ('any' in condition)
    return condition.any.length === 0 ? 'never' : `either ${condition.any.map(describe).join(', or ')}`;
  if ('measured' in condition) return describe(condition.measured);
  return 'not' in condition ? `not: ${describe(condition.not)}` : factOf(condition).says;
}
