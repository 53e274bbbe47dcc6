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

/** A category with a retention time under some version of the policy. */
export interface Kept {
  readonly category: DataCategory;
  /** The name under which its value is stored. */
  readonly place: string;
  /** Whether the time of each list item runs from an instant of its own. */
  readonly byItem: boolean;
  /** The category and its derived ones: a legal process that names one of them holds the value. */
  readonly names: readonly DataCategory[];
}

/** The retention times of a company's categories. */
export interface Retention {
  /** By category; empty for a company without retention times. */
  readonly kept: ReadonlyMap<DataCategory, Kept>;
  /** The same by place. */
  readonly places: ReadonlyMap<string, Kept>;
  /**
   * The end of a value's retention time; null for a value that is kept for good. The shorter time of the accepted and
   * the current version counts: a shorter time needs no acceptance, and a longer time does not hold for a person with
   * the promise of a shorter one. If neither version has the category, the time of the newest other version counts.
   *
   * @param from  the start of the time
   */
  readonly endOf: (category: DataCategory, acceptedVersion: unknown, from: Date) => Date | null;
}

export const NO_RETENTION: Retention = { kept: new Map(), places: new Map(), endOf: () => null };

/** The part of a list item with the item's own instant. */
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
