import { isRecord } from '../base/records.ts';

/**
 * Checks of values, as data. The bound of a check may depend on the situation; a predicate is a check with a known
 * bound. A value of a wrong type passes neither. This file has the meaning of each operator in memory, and the store
 * has its form as a query: both find the same values.
 */

/** The instants up to `until`, and after `after` if it is not null. */
export interface Period {
  readonly after: Date | null;
  readonly until: Date;
}

/** The bound of each operator. */
interface Bounds {
  readonly equals: string | boolean;
  readonly oneOf: ReadonlySet<string>;
  readonly atMost: Date;
  readonly after: Date;
  readonly within: Period;
  readonly isInstant: true;
  readonly isText: true;
  /** A list that contains at least one of these. */
  readonly holdsOneOf: ReadonlySet<string>;
}
export type Operator = keyof Bounds;

/** Reads the bound from a situation; null if the situation has none: then no value passes the check. */
type Given<Needs, Bound> = (needs: Needs) => Bound | null;

export type Check<Needs = unknown> = {
  readonly [Op in Operator]: { readonly op: Op; readonly bound: Bounds[Op] | Given<Needs, Bounds[Op]> };
}[Operator];

export type Predicate = { readonly [Op in Operator]: { readonly op: Op; readonly bound: Bounds[Op] } }[Operator];

/** Checks of the fields of a record; the record has to pass all of them. */
export type Fields<Of = Check> = Readonly<Record<string, Of>>;

const operator =
  <Op extends Operator>(op: Op) =>
  <Bound extends Bounds[Op] | Given<never, Bounds[Op]>>(bound: Bound) => ({ op, bound });

export const equals = operator('equals');
export const oneOf = operator('oneOf');
export const atMost = operator('atMost');
export const after = operator('after');
export const within = operator('within');
export const holdsOneOf = operator('holdsOneOf');
export const AN_INSTANT = operator('isInstant')(true);
export const A_TEXT = operator('isText')(true);

export const isInstant = (value: unknown): value is Date => value instanceof Date && !Number.isNaN(value.getTime());

const OPERATORS: {
  readonly [Op in Operator]: {
    readonly holds: (value: unknown, bound: Bounds[Op]) => boolean;
    /** A value that passes the check. */
    readonly sample: (bound: Bounds[Op]) => unknown;
  };
} = {
  equals: { holds: (value, bound) => value === bound, sample: (bound) => bound },
  oneOf: { holds: (value, bound) => bound.has(value as string), sample: ([first]) => first },
  // an invalid date is neither before nor after another
  atMost: {
    holds: (value, bound) => value instanceof Date && value.getTime() <= bound.getTime(),
    sample: (bound) => bound,
  },
  after: {
    holds: (value, bound) => value instanceof Date && value.getTime() > bound.getTime(),
    sample: (bound) => new Date(bound.getTime() + 1),
  },
  within: {
    holds: (value, { after, until }) =>
      value instanceof Date &&
      value.getTime() <= until.getTime() &&
      (after === null || value.getTime() > after.getTime()),
    sample: ({ until }) => until,
  },
  isInstant: { holds: isInstant, sample: () => new Date(0) },
  isText: { holds: (value) => typeof value === 'string', sample: () => '' },
  holdsOneOf: {
    holds: (value, bound) => Array.isArray(value) && value.some((item) => bound.has(item)),
    sample: (bound) => [...bound],
  },
};

export type Test<Needs> = (value: unknown, needs: Needs) => boolean;

function testOfCheck<Needs>({ op, bound }: Check<Needs>): Test<Needs> {
  // by far the most checks are of this kind, and decisions run them most often
  if (op === 'equals' && typeof bound !== 'function') return (value) => value === bound;
  const holds = OPERATORS[op].holds as (value: unknown, bound: unknown) => boolean;
  if (typeof bound !== 'function') return (value) => holds(value, bound);
  return (value, needs) => {
    const given = bound(needs);
    return given !== null && holds(value, given);
  };
}

function testOfFields<Needs>(fields: Fields<Check<Needs>>): Test<Needs> {
  const tests = Object.entries(fields).map(([field, check]) => ({ field, test: testOfCheck(check) }));
  return (value, needs) => {
    if (!isRecord(value)) return false;
    for (const { field, test } of tests) if (!test(value[field], needs)) return false;
    return true;
  };
}

/** A check of a single value, or of the fields of a record. */
export type Asked<Needs = unknown> = Check<Needs> | Fields<Check<Needs>>;

export const isCheck = <Needs>(asked: Asked<Needs>): asked is Check<Needs> => typeof asked.op === 'string';

export const testOf = <Needs>(asked: Asked<Needs>): Test<Needs> =>
  isCheck(asked) ? testOfCheck(asked) : testOfFields(asked);

/** A check of a list element: all fields of `where`, and all fields of one alternative of `either`, if present. */
export interface Pattern<Needs = unknown> {
  readonly where: Fields<Check<Needs>>;
  readonly either?: readonly Fields<Predicate>[] | undefined;
}

/** A pattern with all bounds known. */
export interface BoundPattern extends Pattern {
  readonly where: Fields<Predicate>;
}

export function testOfElement<Needs>({ where, either }: Pattern<Needs>): Test<Needs> {
  const doesAll = testOfFields(where);
  if (!either) return doesAll;
  const alternatives = either.map((fields) => testOfFields<unknown>(fields));
  return (value, needs) => doesAll(value, needs) && alternatives.some((test) => test(value, needs));
}

/** A check with the bound from the situation; null if the situation gives none. */
export function bindCheck<Needs>(check: Check<Needs>, needs: Needs): Predicate | null {
  if (typeof check.bound !== 'function') return check as Predicate;
  const bound = check.bound(needs);
  return bound === null ? null : ({ op: check.op, bound } as Predicate);
}

/** The checks of all fields of a record with their bounds; null if a bound is missing. */
export function bindFields<Needs>(fields: Fields<Check<Needs>>, needs: Needs): Fields<Predicate> | null {
  const bound = Object.entries(fields).map(([field, check]) => [field, bindCheck(check, needs)] as const);
  return bound.some(([, predicate]) => predicate === null) ? null : (Object.fromEntries(bound) as Fields<Predicate>);
}

const sampleOfCheck = <Needs>(check: Check<Needs>, needs: Needs): unknown => {
  const predicate = bindCheck(check, needs);
  return predicate && (OPERATORS[predicate.op].sample as (bound: unknown) => unknown)(predicate.bound);
};

/** A value, or a record, that passes all checks, if one can. */
export const sampleOf = <Needs>(asked: Asked<Needs>, needs: Needs): unknown =>
  isCheck(asked)
    ? sampleOfCheck(asked, needs)
    : Object.fromEntries(Object.entries(asked).map(([field, check]) => [field, sampleOfCheck(check, needs)]));
