import { maskOfCategories, type Policy, type Reveal, revealsOf } from './clause.ts';
import { names } from './condition.ts';
import type { ConditionLeaf } from './leaf.ts';
import { categoriesIn, type DataCategory, NO_CATEGORIES } from './vocabulary.ts';

/** The reveals of a policy with a leaf in their condition, in the order of the file. */
export const revealsWhen = (policy: Policy, leaf: ConditionLeaf): Reveal[] =>
  revealsOf(policy).filter(({ when }) => names(when, leaf));

/** The ids of the clauses with these reveals. */
export const clausesWhen = ({ clauses }: Policy, leaf: ConditionLeaf): string[] =>
  clauses.filter(({ reveals }) => reveals.some(({ when }) => names(when, leaf))).map(({ id }) => id);

/** The categories that these reveals show. */
export const categoriesWhen = (policy: Policy, leaf: ConditionLeaf): DataCategory[] =>
  categoriesIn(
    policy.vocabulary,
    revealsWhen(policy, leaf).reduce((mask, reveal) => mask | maskOfCategories(policy, reveal), NO_CATEGORIES),
  );

/** The audiences of these reveals. */
export const audiencesWhen = (policy: Policy, leaf: ConditionLeaf): ReadonlySet<string> =>
  new Set(revealsWhen(policy, leaf).map(({ to }) => to));
