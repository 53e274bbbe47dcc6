import { type Condition, type ConditionLeaf, compileCondition, factOf, leavesOf } from './condition.ts';
import type { Situation, Truth } from './facts.ts';

const keyOf = (leaf: ConditionLeaf) => JSON.stringify(leaf);

/**
 * Whether the facts of some person could make a condition hold, toward the caller of this situation.
 * Facts of people are free, each by itself; facts of the caller are as they are.
 */
export function satisfiable(condition: Condition, situation: Situation): boolean {
  const supposed = new Map<string, Truth>();
  const compiled = compileCondition(condition, (leaf) => ({ ...factOf(leaf), test: () => supposed.get(keyOf(leaf)) }));
  const leaves = new Map([...leavesOf(condition)].map(({ leaf }) => [keyOf(leaf), leaf]));
  const open = [...leaves].map(([key, leaf]) => ({ key, values: possibleValues(leaf, situation) }));

  // Kleene's logic never takes back a verdict when something unknown becomes known, so a verdict ends the search.
  const search = (depth: number): boolean => {
    const truth = compiled.test(situation);
    const next = open[depth];
    if (truth !== undefined || !next) return truth === true;
    const found = next.values.some((value) => {
      supposed.set(next.key, value);
      return search(depth + 1);
    });
    supposed.delete(next.key);
    return found;
  };
  return search(0);
}

const possibleValues = (leaf: ConditionLeaf, situation: Situation): Truth[] => {
  const values = [true, false].filter((value) => factOf(leaf).filter(situation, value) !== false);
  return values.length > 0 ? values : [undefined];
};
