/** Conditions as a database filter: a small algebra that folds constants, and its rendering as a MongoDB query. */

export type Query = Record<string, unknown>;

/** A predicate that matches only documents that hold what it asks for; a missing or malformed field never matches. */
export interface Leaf {
  readonly query: Query;
  /** The path whose index finds these documents. */
  readonly index: string;
  /** How few people a match leaves, 0 the fewest: which index to walk when several would do. */
  readonly rank: number;
}

/** `true` is everybody, `false` nobody. */
export type Filter = boolean | Leaf | { readonly and: readonly Filter[] } | { readonly or: readonly Filter[] };

const wordings = new WeakMap<Leaf, string>();

/** The same text for the same filter. That of a predicate is put together once: it may list every country. */
export function wordingOf(filter: Filter): string {
  if (typeof filter === 'boolean') return String(filter);
  if ('and' in filter) return `(${filter.and.map(wordingOf).join(' and ')})`;
  if ('or' in filter) return `(${filter.or.map(wordingOf).join(' or ')})`;
  const wording = wordings.get(filter) ?? JSON.stringify(filter);
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

const NOT_A_LIST = { $not: { $type: 'array' } };

/**
 * A predicate on a field that should hold a single value. MongoDB lets `{ field: x }` match an array that holds x;
 * such a field is malformed, so those are ruled out.
 */
export const single = (predicate: Query): Query => ({ ...predicate, ...NOT_A_LIST });

/** A predicate on one dotted path whose every step should be a single value. */
export const exactly = (path: string, predicate: Query, rank: number): Leaf => {
  const steps = path.split('.');
  const parents = steps.slice(1, -1).map((_, index) => steps.slice(0, index + 2).join('.'));
  const guards = Object.fromEntries(parents.map((parent) => [parent, NOT_A_LIST]));
  return { query: { [path]: single(predicate), ...guards }, index: path, rank };
};

/** Some element of an array fulfils the whole predicate; `index` is the element's field that the index is on. */
export const someElement = (path: string, predicate: Query, field: string, rank: number): Leaf => ({
  query: { [path]: { $elemMatch: predicate } },
  index: `${path}.${field}`,
  rank,
});

export function toQuery(filter: Filter): Query | null {
  if (filter === false) return null;
  if (filter === true) return {};
  if ('and' in filter) return { $and: filter.and.map(toQuery) };
  if ('or' in filter) return { $or: filter.or.map(toQuery) };
  return filter.query;
}

/** The best index for a filter: the rarest predicate that every match fulfils; none where alternatives differ. */
export function indexFor(filter: Filter): Leaf | null {
  if (typeof filter === 'boolean') return null;
  if ('or' in filter) return null;
  if (!('and' in filter)) return filter;
  const candidates = filter.and.map(indexFor).filter((leaf) => leaf !== null);
  return candidates.reduce<Leaf | null>((best, leaf) => (best === null || leaf.rank < best.rank ? leaf : best), null);
}
