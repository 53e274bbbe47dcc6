import { type Filter, indexFor } from '../../policy/filter.ts';
import { type Choices, everyFact } from '../../policy/known-facts.ts';
import type { BoundPattern, Fields, Operator, Predicate } from '../../policy/predicate.ts';

/** Filters over the facts of people as queries of MongoDB, and the indexes that find these people. */

export type Query = Record<string, unknown>;

/** The path of a fact in the person's document. */
const factPath = (path: string) => `facts.${path}`;

const NOT_A_LIST = { $not: { $type: 'array' } };

type Forms = { readonly [Op in Operator]: (bound: Extract<Predicate, { op: Op }>['bound']) => Query };

/**
 * The operators. In MongoDB `{ field: x }` also matches a list that holds x. A list in the place of a single value is
 * malformed, so that these queries exclude lists.
 */
const FORMS: Forms = {
  equals: (bound) => ({ $eq: bound, ...NOT_A_LIST }),
  oneOf: (bound) => ({ $in: [...bound], ...NOT_A_LIST }),
  atMost: (bound) => ({ $lte: bound, ...NOT_A_LIST }),
  after: (bound) => ({ $gt: bound, ...NOT_A_LIST }),
  within: ({ after, until }) => ({ $lte: until, ...(after && { $gt: after }), ...NOT_A_LIST }),
  isInstant: () => ({ $type: 'date', ...NOT_A_LIST }),
  isText: () => ({ $type: 'string', ...NOT_A_LIST }),
  holdsOneOf: (bound) => ({ $in: [...bound], $type: 'array' }),
};

const toForm = ({ op, bound }: Predicate): Query => (FORMS[op] as (bound: unknown) => Query)(bound);

const toFields = (fields: Fields<Predicate>): Query =>
  Object.fromEntries(Object.entries(fields).map(([field, predicate]) => [field, toForm(predicate)]));

const toElement = ({ where, either }: BoundPattern): Query => ({
  ...toFields(where),
  ...(either && { $or: either.map(toFields) }),
});

/** A predicate on one value; no step of its path may be a list. */
function toValue(path: string, is: Predicate): Query {
  const steps = path.split('.');
  const parents = steps.slice(0, -1).map((_, index) => steps.slice(0, index + 1).join('.'));
  const guards = Object.fromEntries(parents.map((parent) => [factPath(parent), NOT_A_LIST]));
  return { [factPath(path)]: toForm(is), ...guards };
}

/** @returns null if the filter finds nobody, so that no query is needed */
export function toQuery(filter: Filter): Query | null {
  if (filter === false) return null;
  if (filter === true) return {};
  if ('and' in filter) return { $and: filter.and.map(toQuery) };
  if ('or' in filter) return { $or: filter.or.map(toQuery) };
  if ('is' in filter) return toValue(filter.path, filter.is);
  return { [factPath(filter.list)]: { $elemMatch: toElement(filter.some) } };
}

/** An index in the order of lists, by id. */
export const listIndex = (path: string) => ({ [path]: 1, _id: 1 }) as const;

/** The best index for a filter, if there is one. */
export const hintFor = (filter: Filter): Readonly<Record<string, 1>> | null => {
  const leaf = indexFor(filter);
  return leaf && listIndex(factPath(leaf.index));
};

/** Paths with an index, so that a list reads only people that it may show. */
export const factIndexes = (choices: Choices): string[] => [
  ...new Set(everyFact(choices).flatMap(({ index }) => (index === undefined ? [] : [factPath(index)]))),
];
