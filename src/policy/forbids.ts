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

/** Clauses that forbid. They beat every clause that reveals. */

/** What a clause forbids, with its categories as a mask. */
export interface Forbidden {
  readonly to: string;
  readonly purposes: readonly string[] | undefined;
  readonly mask: CategoryMask;
  /** Left out where it forbids always. */
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

/** A reveal without purposes is for every purpose, so that what is forbidden for one of them is forbidden. */
const appliesFor = ({ purposes }: Forbidden, purpose: string | null) =>
  purposes === undefined || purpose === null || purposes.includes(purpose);

/** Items by the forbids that apply to them: a list of forbids, and the items for which it is the same. */
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
 * What is left of a reveal: reveals that together show what it shows, where nothing forbids that. A condition that is
 * not known to fail forbids, so that each of them asks that it fails; what is forbidden always is not there.
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
