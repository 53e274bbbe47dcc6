import mongoose from 'mongoose';

// biome-ignore lint/suspicious/noExplicitAny: filters have many forms
export type Filter = Record<string, any>;

const { BSON } = mongoose.mongo;

const isPlain = (value: unknown): value is Filter =>
  value !== null &&
  typeof value === 'object' &&
  !Array.isArray(value) &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value));
const isOperators = (value: unknown): value is Filter =>
  isPlain(value) && Object.keys(value).some((key) => key.startsWith('$'));

/** How far a filter narrows one path: to so many values, or to a part of them. */
export type Bound = { readonly values: readonly unknown[] } | 'RANGE';

const isBelow = (value: Filter) => '$lt' in value || '$lte' in value;
const isAbove = (value: Filter) => '$gt' in value || '$gte' in value;

function boundOf(value: unknown): Bound | null {
  if (value instanceof RegExp || value instanceof BSON.BSONRegExp) return 'RANGE';
  if (!isOperators(value)) return { values: [value] };
  if ('$eq' in value) return { values: [value.$eq] };
  if (Array.isArray(value.$in)) return { values: value.$in };
  return isBelow(value) && isAbove(value) ? 'RANGE' : null;
}

const fewer = (a: Bound | null, b: Bound | null): Bound | null => {
  if (a === null || b === null) return a ?? b;
  if (a === 'RANGE') return b;
  return b === 'RANGE' || a.values.length <= b.values.length ? a : b;
};

const joined = (bounds: readonly (Bound | null)[]): Bound | null => {
  if (bounds.some((bound) => bound === null)) return null;
  if (bounds.includes('RANGE')) return 'RANGE';
  return { values: bounds.flatMap((bound) => (bound === 'RANGE' || bound === null ? [] : bound.values)) };
};

/** The bound of a filter on a path, as far as a router looks at it; null without one. */
export function boundIn(filter: Filter, path: string): Bound | null {
  let bound: Bound | null = path in filter ? boundOf(filter[path]) : null;
  for (const part of filter.$and ?? []) bound = fewer(bound, boundIn(part, path));
  if (Array.isArray(filter.$or)) bound = fewer(bound, joined(filter.$or.map((part: Filter) => boundIn(part, path))));
  return bound;
}

const isValue = (value: unknown) => !(value instanceof RegExp) && (!isOperators(value) || '$eq' in value);

/** Whether a filter says that a path equals a value, in so many words. */
export const isFixed = (filter: Filter, path: string): boolean =>
  (path in filter && isValue(filter[path])) || (filter.$and ?? []).some((part: Filter) => isFixed(part, path));

/** The paths of a filter, which tell one kind of search from another. */
export function pathsOf(filter: Filter): string[] {
  const paths = Object.entries(filter).flatMap(([name, value]) =>
    name.startsWith('$') ? (Array.isArray(value) ? value.flatMap(pathsOf) : []) : [name],
  );
  return [...new Set(paths)].sort();
}
