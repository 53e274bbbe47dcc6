import type { Access } from './decide.ts';
import type { Facts } from './facts.ts';
import { categoriesIn, type DataCategory, isIn } from './vocabulary.ts';

/** One category that a change of a person's choices would show or hide. */
export interface Difference {
  readonly access: Access;
  readonly category: DataCategory;
  readonly change: 'REVEALED' | 'HIDDEN';
  /** The clauses that reveal it, after or before, in the version that the person accepted. */
  readonly clauses: readonly string[];
  readonly policyVersion: string;
}

/** Decides before and after for each audience, and returns the differences. */
export const preview = (accesses: readonly Access[], before: Facts, after: Facts): Difference[] =>
  accesses.flatMap((access) => {
    const was = access.decide(before);
    const will = access.decide(after);
    return categoriesIn(access.vocabulary, was.mask ^ will.mask).map((category) => {
      const revealed = isIn(will.mask, category);
      const grounds = (revealed ? will : was).grounds.filter(({ mask }) => isIn(mask, category));
      return {
        access,
        category,
        change: revealed ? ('REVEALED' as const) : ('HIDDEN' as const),
        clauses: [...new Set(grounds.map(({ ruling }) => ruling.clause.id))],
        policyVersion: grounds[0]?.ruling.version ?? '',
      };
    });
  });
