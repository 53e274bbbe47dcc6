import type { BoundPattern, Fields, Predicate } from './predicate.ts';

/** Filters over the facts of people: a small algebra that folds constants. */

/** One check of a fact. A missing or malformed value never fulfils it. */
interface Leaf {
  /** The path of the value by which an index finds these people. */
  readonly index: string;
  /** How few people it leaves, the fewest first: which index to walk where several would do. */
  readonly rank: number;
}

/** One value of a person. */
export interface ValueLeaf extends Leaf {
  /** Where it stands among the facts: `status`, or `preferences.adTargeting`. */
  readonly path: string;
  readonly is: Predicate;
}

/** Some element of a list. */
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

/** @param field  the field of elements that an index is on */
export const someElement = (list: string, some: BoundPattern, field: string, rank: number): ElementLeaf => ({
  ...{ list, some, rank },
  index: `${list}.${field}`,
});

const wordingsOfSets = new WeakMap<ReadonlySet<string>, string>();
const wordings = new WeakMap<ValueLeaf | ElementLeaf, string>();

/** That of a set is put together once: it may list every country. */
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

/** An alternative that asks for all that another one asks, and for more, finds nobody besides (the law of absorption). */
const absorbed = (parts: readonly Filter[]): readonly Filter[] => {
  const wordings = new Set(parts.map(wordingOf));
  return parts.filter((part) => !isAll(part) || !part.and.some((inner) => wordings.has(wordingOf(inner))));
};

export const or = (parts: readonly Filter[]): Filter => {
  if (parts.includes(true)) return true;
  const rest = absorbed(distinct(parts.filter((part) => part !== false)));
  return rest.length === 0 ? false : rest.length === 1 ? (rest[0] as Filter) : { or: rest };
};

/** The leaf whose index is the best to walk: the rarest that every match fulfils; none where alternatives differ. */
export function indexFor(filter: Filter): ValueLeaf | ElementLeaf | null {
  if (typeof filter === 'boolean' || 'or' in filter) return null;
  if (!('and' in filter)) return filter;
  const candidates = filter.and.map(indexFor).filter((leaf) => leaf !== null);
  return candidates.reduce<ValueLeaf | ElementLeaf | null>(
    (best, leaf) => (best === null || leaf.rank < best.rank ? leaf : best),
    null,
  );
}
