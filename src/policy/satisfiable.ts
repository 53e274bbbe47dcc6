import { type Condition, compileCondition, leavesOf } from './condition.ts';
import type { Measures, Situation, Truth } from './facts.ts';
import { factOf } from './leaf.ts';
import { type Question, somePerson, someSituation } from './situations.ts';

/** A condition as a question about people. */
export const questionOf = (condition: Condition, measures: Measures): Question => ({
  test: compileCondition(condition).test,
  facts: [...leavesOf(condition)].map(({ leaf }) => factOf(leaf)),
  measures,
});

/** Whether some person's facts could fulfil a condition toward the caller of this situation. */
export const satisfiable = (condition: Condition, { measures, ...caller }: Omit<Situation, 'facts'>): boolean =>
  somePerson([questionOf(condition, measures)], caller, ([holds]) => holds) !== false;

/** Whether some person could fulfil a condition toward some caller of an audience. */
export const satisfiableToward = (audience: string, condition: Condition, measures: Measures): boolean =>
  someSituation(audience, [questionOf(condition, measures)], ([holds]) => holds) !== false;

/** The first of two answers is yes, and the second is no or unknown. */
export const onlyFirst = ([first, second]: readonly Truth[]): Truth =>
  first === false || second === true ? false : first;

/** Whether one condition implies another one toward every caller of an audience. */
export const implies = (audience: string, condition: Condition, other: Condition, measures: Measures): boolean =>
  someSituation(audience, [questionOf(condition, measures), questionOf(other, measures)], onlyFirst) === false;
