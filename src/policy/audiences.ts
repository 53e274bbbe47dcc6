import type { DecisionTable } from './compile.ts';
import { categoriesIn, NO_CATEGORIES, scopeWord } from './vocabulary.ts';

const rulingsFor = ({ all }: DecisionTable, audience: string) => all.get(audience) ?? [];

/** The purposes for which any version of the policy has a clause that reveals to an audience. */
export const purposesOf = (table: DecisionTable, audience: string): readonly string[] => [
  ...new Set(rulingsFor(table, audience).flatMap(({ purposes }) => [...(purposes ?? [])])),
];

/** Every category that the policy could reveal to an audience for a purpose, in the words of a scope. */
export const widestScope = (table: DecisionTable, audience: string, purpose: string): readonly string[] =>
  categoriesIn(
    table.vocabulary,
    rulingsFor(table, audience)
      .filter(({ purposes }) => purposes?.has(purpose))
      .reduce((mask, ruling) => mask | ruling.mask, NO_CATEGORIES),
  ).map(scopeWord);
