import { type Clause, maskOfCategories, type Policy, type Reveal } from './clause.ts';
import { forbidsOf, permittedParts } from './forbids.ts';
import type { CategoryMask } from './vocabulary.ts';

/** The reveal of one clause to one recipient for one purpose: a line of the table for people. */
export interface Line {
  readonly clause: Clause;
  readonly reveal: Reveal;
  /** SELF, VISITOR, MEMBER, STAFF_<role> or a partner kind. */
  readonly recipient: string;
  /** Null: for every purpose, also for none. */
  readonly purpose: string | null;
  readonly mask: CategoryMask;
}

/** Every line of a policy, in its order. */
export const linesOf = (policy: Policy, forbids = forbidsOf(policy)): Line[] =>
  policy.clauses.flatMap((clause) =>
    clause.reveals
      .flatMap((reveal) => permittedParts(policy, reveal, forbids))
      .flatMap((reveal) =>
        (reveal.purposes ?? [null]).map((purpose) => ({
          clause,
          reveal,
          recipient: reveal.to,
          purpose,
          mask: maskOfCategories(policy, reveal),
        })),
      ),
  );
