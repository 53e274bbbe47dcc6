import type { Policy } from './clause.ts';
import { endOfKeep } from './keep.ts';
import {
  type Category,
  categoryNamed,
  type DataCategory,
  isListShape,
  placeOf,
  type Vocabulary,
  withDerived,
} from './vocabulary.ts';

/** A category with a time for which its values are kept, under some version of the policy. */
export interface Kept {
  readonly category: DataCategory;
  /** The name under which its value is stored. */
  readonly place: string;
  /** Whether each item of its list counts from an instant of its own. */
  readonly byItem: boolean;
  /** The category and those that are made from it: a legal process that names one of them holds the value. */
  readonly names: readonly DataCategory[];
}

/** The times for which the categories of a company are kept. */
export interface Retention {
  /** By category; empty for a company that says no times. */
  readonly kept: ReadonlyMap<DataCategory, Kept>;
  /** The same by place. */
  readonly places: ReadonlyMap<string, Kept>;
  /**
   * The first instant at which a value is kept no longer; null for a value that is kept for good. Of the version that
   * the person accepted and the current one, the shorter time counts: a promise of a shorter time needs no acceptance,
   * and a longer time does not hold toward a person who was promised a shorter one. A category that neither version has
   * keeps the time that the newest other version gives it.
   *
   * @param from  the instant from which the time counts
   */
  readonly endOf: (category: DataCategory, acceptedVersion: unknown, from: Date) => Date | null;
}

export const NO_RETENTION: Retention = { kept: new Map(), places: new Map(), endOf: () => null };

/** The part by which each item of a list tells its own instant. */
export const ITEM_INSTANT = 'at';

const isByItem = ({ value }: Category): boolean =>
  value !== undefined && isListShape(value) && typeof value.list === 'object' && value.list[ITEM_INSTANT] === 'instant';

type Versions = ReadonlyMap<string, Pick<Policy, 'vocabulary'>>;

/**
 * @param current  the version in force
 * @param policies  every version that a person may have accepted
 * @param union  the words of all versions
 */
export function retentionOf(current: Pick<Policy, 'vocabulary'>, policies: Versions, union: Vocabulary): Retention {
  const versions = [...policies.values()];
  const kept = new Map(
    union.categories
      .filter(({ id }) => versions.some(({ vocabulary }) => categoryNamed(vocabulary, id)?.keep))
      .map((category) => [
        category.id,
        {
          category: category.id,
          place: placeOf(category),
          byItem: isByItem(category),
          names: withDerived(union, category.id),
        },
      ]),
  );
  if (kept.size === 0) return NO_RETENTION;
  return {
    kept,
    places: new Map([...kept.values()].map((one) => [one.place, one])),
    endOf: (id, acceptedVersion, from) => {
      const accepted = policies.get(String(acceptedVersion));
      const said = [current, ...(accepted ? [accepted] : [])].flatMap(
        ({ vocabulary }) => categoryNamed(vocabulary, id) ?? [],
      );
      const ends = (said.length > 0 ? said : [categoryNamed(union, id)]).flatMap((category) =>
        category?.keep ? [endOfKeep(category.keep, from).getTime()] : [],
      );
      return ends.length > 0 ? new Date(Math.min(...ends)) : null;
    },
  };
}
