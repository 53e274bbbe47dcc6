import { groupBy } from '../base/group-by.ts';
import { maskOfCategories, type Policy, type Reveal } from './clause.ts';
import type { Condition } from './condition.ts';
import {
  type CategoryMask,
  categoriesIn,
  type DataCategory,
  EVERY_CATEGORY,
  idsOf,
  isIn,
  maskOf,
  NO_CATEGORIES,
} from './vocabulary.ts';

/** Clauses that forbid. They take precedence over every clause that reveals. */

/** One forbid of a clause, with its categories as a mask. */
export interface Forbidden {
  readonly to: string;
  readonly purposes: readonly string[] | undefined;
  readonly mask: CategoryMask;
  /** Undefined if it always forbids. */
  readonly when: Condition | undefined;
}

/** The audience of a clause that forbids toward everybody but the person. */
export const ANYBODY = 'any';

/** Everything that a policy forbids, in its order. */
export const forbidsOf = ({ clauses }: Pick<Policy, 'clauses'>): Forbidden[] =>
  clauses.flatMap(({ forbids }) =>
    forbids.map(({ to, purposes, categories, when }) => ({
      ...{ to, purposes, when },
      mask: Array.isArray(categories) ? maskOf(categories) : EVERY_CATEGORY & ~maskOf(categories.except),
    })),
  );

const concerns = ({ to }: Forbidden, audience: string) => to === audience || (to === ANYBODY && audience !== 'SELF');

/** A reveal without purposes is for every purpose, so that a forbid for a single purpose applies to it. */
const appliesFor = ({ purposes }: Forbidden, purpose: string | null) =>
  purposes === undefined || purpose === null || purposes.includes(purpose);

/** Groups of items with the same list of forbids that apply to them. */
function groupsBy<Item>(
  items: readonly Item[],
  forbids: readonly Forbidden[],
  applies: (f: Forbidden, i: Item) => boolean,
) {
  const keyed = items.map((item) => ({ item, of: forbids.filter((forbid) => applies(forbid, item)) }));
  return [...groupBy(keyed, ({ of }) => of.map((forbid) => forbids.indexOf(forbid)).join()).values()].map((group) => ({
    items: group.map(({ item }) => item),
    forbids: group[0]?.of ?? [],
  }));
}

const withOnly = (
  vocabulary: Policy['vocabulary'],
  categories: Reveal['categories'],
  kept: readonly DataCategory[],
): Reveal['categories'] =>
  Array.isArray(categories)
    ? [...kept]
    : { ...categories, except: idsOf(vocabulary.categories).filter((category) => !kept.includes(category)) };

/**
 * The permitted parts of a reveal. Each part asks that the conditions of its forbids fail, so that an unknown condition
 * forbids as well. Data that is always forbidden is in no part.
 */
export function permittedParts(policy: Policy, reveal: Reveal, forbids: readonly Forbidden[]): Reveal[] {
  const { vocabulary } = policy;
  const shown = maskOfCategories(policy, reveal);
  const concerning = forbids.filter((forbid) => concerns(forbid, reveal.to) && (forbid.mask & shown) !== NO_CATEGORIES);
  if (concerning.length === 0) return [reveal];
  const byPurpose: { readonly items: readonly (string | null)[]; readonly forbids: readonly Forbidden[] }[] = groupsBy(
    reveal.purposes ?? [null],
    concerning,
    appliesFor,
  );
  return byPurpose.flatMap(({ items, forbids: ofPurpose }) => {
    const purposes = items.filter((purpose) => purpose !== null);
    const byCategory = groupsBy(categoriesIn(vocabulary, shown), ofPurpose, ({ mask }, category) =>
      isIn(mask, category),
    );
    return byCategory
      .filter((part) => part.forbids.every(({ when }) => when !== undefined))
      .map(
        (part): Reveal => ({
          ...reveal,
          ...(reveal.purposes && { purposes }),
          categories: withOnly(vocabulary, reveal.categories, part.items),
          when:
            part.forbids.length === 0
              ? reveal.when
              : { all: [reveal.when, ...part.forbids.flatMap(({ when }) => (when ? [{ not: when }] : []))] },
        }),
      );
  });
}
