import type { Clock } from '../../base/clock.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { linesOf } from '../../policy/lines.ts';
import {
  type Category,
  type DataCategory,
  idsOf,
  isIn,
  placeOf,
  type Vocabulary,
  withDerived,
} from '../../policy/vocabulary.ts';
import { eachAlone } from '../../store/each-alone.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createPeopleKept } from '../../store/mongo/repositories/people-kept.ts';
import type { Changes } from '../../subject/change.ts';
import { processesNaming } from '../../subject/expiry.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';

/** A category that a version on record has, and neither the current version nor one that is posted. */
export interface Retired {
  readonly category: DataCategory;
  /** How many people still hold values of the category, or previous values from before a correction. */
  readonly holders: number;
  /** The versions that reveal it to anybody, and how many people are judged under them. */
  readonly versions: readonly string[];
  readonly judged: number;
}

const heldUnder = ({ categories, notHeld }: Vocabulary): Category[] =>
  categories.filter(({ id, value, role }) => value !== undefined && role !== 'handle' && !notHeld.includes(id));

/** The categories with values of their own that are retired. */
function retiredIn({ policies, current }: Pick<DecisionTable, 'policies' | 'current'>): Category[] {
  const all = [...policies.values()];
  const standing = all.slice(all.indexOf(current)).flatMap(({ vocabulary }) => idsOf(heldUnder(vocabulary)));
  const known = new Map(all.flatMap(({ vocabulary }) => heldUnder(vocabulary)).map((one) => [one.id, one]));
  return [...known.values()].filter(({ id }) => !standing.includes(id));
}

/** The places of the values of a category. An address lies at another one until it is proven. */
const placesOf = (category: Category): readonly string[] =>
  category.role === 'mailbox' ? [placeOf(category), 'UNPROVEN_EMAIL'] : [placeOf(category)];

/** The paths that stand beside the value of a category with a role, and go with it. */
function pathsBeside({ role }: Category, { values }: Pick<PersonDocument, 'values'>): readonly string[] {
  switch (role) {
    case 'mailbox':
      return ['mailbox'];
    case 'birthDate':
      return ['facts.bornOn'];
    case 'residence':
      // the country of the account comes before that of the address
      return 'ACCOUNT' in values ? [] : ['facts.residence'];
    default:
      return [];
  }
}

export function createRetirement(services: {
  readonly store: Access;
  readonly changes: Pick<Changes, 'apply'>;
  readonly clock: Clock;
  readonly table: Pick<DecisionTable, 'policies' | 'current' | 'vocabulary'>;
}) {
  const { store, changes, clock, table } = services;
  const people = createPeopleKept<PersonDocument>(store);
  const holding = (category: Category) => ({ values: placesOf(category), corrections: [category.id] });

  const versionsRevealing = ({ id }: Category): string[] =>
    [...table.policies.values()]
      .filter((policy) => linesOf(policy).some(({ mask }) => isIn(mask, id)))
      .map(({ version }) => version);

  const find = (): Promise<Retired[]> =>
    Promise.all(
      retiredIn(table).map(async (category) => {
        const versions = versionsRevealing(category);
        const [holders, judged] = await Promise.all([
          people.countHolding(holding(category)),
          people.countUnder(versions),
        ]);
        return { category: category.id, holders, versions, judged };
      }),
    );

  /**
   * Categories that an open legal process names stay: the value, or one that is made from it, and previous values
   * apart.
   *
   * @returns null where nothing is held, or where all of it has to stay
   */
  function planDeletion(category: Category, stored: PersonDocument, at: Date): Change | null {
    const { id } = category;
    const names = withDerived(table.vocabulary, id);
    const { values, corrections = [] } = stored;
    const isNamed = (among: readonly DataCategory[]) => processesNaming(stored, among).some(({ until }) => until > at);
    const gone = isNamed(names) ? [] : placesOf(category).filter((place) => place in values);
    const left = isNamed(['CORRECTED_VALUE', ...names])
      ? corrections
      : corrections.filter((one) => one.category !== id);
    if (gone.length === 0 && left.length === corrections.length) return null;
    return {
      ...(left.length < corrections.length && { set: { corrections: left } }),
      ...(gone.length > 0 && { unset: [...gone.map((place) => `values.${place}`), ...pathsBeside(category, stored)] }),
      entries: [{ type: 'EXPIRY', at: at.toISOString(), categories: names }],
    };
  }

  return {
    find,

    /**
     * Deletes the remaining values of retired categories, once nobody is judged under a version with them any more. A
     * run after an interruption goes on with the people who are left.
     */
    async deleteLeft(): Promise<void> {
      const free = (await find()).filter(({ holders, judged }) => holders > 0 && judged === 0);
      for (const category of retiredIn(table).filter(({ id }) => free.some((one) => one.category === id)))
        await eachAlone(people.findHolding(holding(category)), async (person) => {
          if (planDeletion(category, person, clock.now()))
            await changes.apply(person._id, (_person, at, stored) => planDeletion(category, stored, at));
        });
    },
  };
}
