import type { BoundPattern, Fields, Predicate } from './predicate.ts';

/** Filters over the facts of people: a small algebra that folds constants. */

/** One check of a fact. A missing or malformed value never passes it. */
interface Leaf {
  /** The path of the indexed value that finds these people. */
  readonly index: string;
  /** The order of selectivity, the fewest people first. It chooses between several usable indexes. */
  readonly rank: number;
}

/** One value of a person. */
export interface ValueLeaf extends Leaf {
  /** Its place among the facts: `status`, or `preferences.adTargeting`. */
  readonly path: string;
  readonly is: Predicate;
}

/** At least one element of a list. */
export interface ElementLeaf extends Leaf {
  readonly list: string;
  readonly some: BoundPattern;
}

/** `true` is everybody, `false` nobody. */
export type Filter =
  | boolean
  | ValueLeaf
  | ElementLeaf
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] };

export const exactly = (path: string, is: Predicate, rank: number): ValueLeaf => ({ path, is, index: path, rank });

/** @param field  the indexed field of the elements */
export const someElement = (list: string, some: BoundPattern, field: string, rank: number): ElementLeaf => ({
  ...{ list, some, rank },
  index: `${list}.${field}`,
});

const wordingsOfSets = new WeakMap<ReadonlySet<string>, string>();
const wordings = new WeakMap<ValueLeaf | ElementLeaf, string>();

/** The wording of a set is built once: the set may list every country. */
const wordingOfSet = (set: ReadonlySet<string>): string => {
  const wording = wordingsOfSets.get(set) ?? JSON.stringify([...set]);
  wordingsOfSets.set(set, wording);
  return wording;
};

const wordingOfPredicate = ({ op, bound }: Predicate): string =>
  `${op} ${bound instanceof Set ? wordingOfSet(bound) : JSON.stringify(bound)}`;

const wordingOfFields = (fields: Fields<Predicate>): string =>
  Object.entries(fields)
    .map(([field, predicate]) => `${field} ${wordingOfPredicate(predicate)}`)
    .join();

const wordingOfLeaf = (leaf: ValueLeaf | ElementLeaf): string =>
  'is' in leaf
    ? `${leaf.path} ${wordingOfPredicate(leaf.is)}`
    : `${leaf.list} [${wordingOfFields(leaf.some.where)} ${(leaf.some.either ?? []).map(wordingOfFields).join(' or ')}]`;

/** The same text for the same filter. */
export function wordingOf(filter: Filter): string {
  if (typeof filter === 'boolean') return String(filter);
  if ('and' in filter) return `(${filter.and.map(wordingOf).join(' and ')})`;
  if ('or' in filter) return `(${filter.or.map(wordingOf).join(' or ')})`;
  const wording = wordings.get(filter) ?? wordingOfLeaf(filter);
  wordings.set(filter, wording);
  return wording;
}

const distinct = (parts: readonly Filter[]): readonly Filter[] =>
  parts.length < 2 ? parts : [...new Map(parts.map((part) => [wordingOf(part), part])).values()];

export const and = (parts: readonly Filter[]): Filter => {
  if (parts.includes(false)) return false;
  const rest = distinct(parts.filter((part) => part !== true));
  return rest.length === 0 ? true : rest.length === 1 ? (rest[0] as Filter) : { and: rest };
};

const isAll = (filter: Filter): filter is { readonly and: readonly Filter[] } =>
  typeof filter === 'object' && 'and' in filter;

/** An alternative with all conditions of another one, and more, adds no people (the law of absorption). */
const absorbed = (parts: readonly Filter[]): readonly Filter[] => {
  const wordings = new Set(parts.map(wordingOf));
  return parts.filter((part) => !isAll(part) || !part.and.some((inner) => wordings.has(wordingOf(inner))));
};

export const or = (parts: readonly Filter[]): Filter => {
  if (parts.includes(true)) return true;
  const rest = absorbed(distinct(parts.filter((part) => part !== false)));
  return rest.length === 0 ? false : rest.length === 1 ? (rest[0] as Filter) : { or: rest };
};

/** The leaf with the best index: the rarest one that every match fulfils; null if there are alternatives. */
export function indexFor(filter: Filter): ValueLeaf | ElementLeaf | null {
  if (typeof filter === 'boolean' || 'or' in filter) return null;
  if (!('and' in filter)) return filter;
  const candidates = filter.and.map(indexFor).filter((leaf) => leaf !== null);
  return candidates.reduce<ValueLeaf | ElementLeaf | null>(
    (best, leaf) => (best === null || leaf.rank < best.rank ? leaf : best),
    null,
  );
}
