import { isRecord } from '../base/records.ts';

/**
 * Checks of values, as data. A check may leave its bound open until a situation gives it; a predicate is a check with a
 * known bound. A value of a wrong type fulfils neither. The meaning of each operator in memory stands here, and its form
 * as a query in the store: both find the same values.
 */

/** The instants up to `until`, and after `after` where there is one. */
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
  /** A list that holds one of these, among other things or alone. */
  readonly holdsOneOf: ReadonlySet<string>;
}
export type Operator = keyof Bounds;

/** Where the bound lies in what a situation gives; null where the situation has none, so that no value can fulfil it. */
type Given<Needs, Bound> = (needs: Needs) => Bound | null;

export type Check<Needs = unknown> = {
  readonly [Op in Operator]: { readonly op: Op; readonly bound: Bounds[Op] | Given<Needs, Bounds[Op]> };
}[Operator];

export type Predicate = { readonly [Op in Operator]: { readonly op: Op; readonly bound: Bounds[Op] } }[Operator];

/** Checks of the fields of a record, all of which it has to fulfil. */
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
    /** A value that fulfils it. */
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
  // by far the most are of this kind, and decisions are made of them
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

/** A check of an element of a list: all of some fields, and all fields of one alternative where there are any. */
export interface Pattern<Needs = unknown> {
  readonly where: Fields<Check<Needs>>;
  readonly either?: readonly Fields<Predicate>[] | undefined;
}

/** The same with every bound known. */
export interface BoundPattern extends Pattern {
  readonly where: Fields<Predicate>;
}

export function testOfElement<Needs>({ where, either }: Pattern<Needs>): Test<Needs> {
  const doesAll = testOfFields(where);
  if (!either) return doesAll;
  const alternatives = either.map((fields) => testOfFields<unknown>(fields));
  return (value, needs) => doesAll(value, needs) && alternatives.some((test) => test(value, needs));
}

/** A check with the bound that a situation gives; null where it gives none. */
export function bindCheck<Needs>(check: Check<Needs>, needs: Needs): Predicate | null {
  if (typeof check.bound !== 'function') return check as Predicate;
  const bound = check.bound(needs);
  return bound === null ? null : ({ op: check.op, bound } as Predicate);
}

/** The same of all fields of a record; null where a bound is missing. */
export function bindFields<Needs>(fields: Fields<Check<Needs>>, needs: Needs): Fields<Predicate> | null {
  const bound = Object.entries(fields).map(([field, check]) => [field, bindCheck(check, needs)] as const);
  return bound.some(([, predicate]) => predicate === null) ? null : (Object.fromEntries(bound) as Fields<Predicate>);
}

const sampleOfCheck = <Needs>(check: Check<Needs>, needs: Needs): unknown => {
  const predicate = bindCheck(check, needs);
  return predicate && (OPERATORS[predicate.op].sample as (bound: unknown) => unknown)(predicate.bound);
};

/** A value, or a record, that fulfils all that is asked, where any can. */
export const sampleOf = <Needs>(asked: Asked<Needs>, needs: Needs): unknown =>
  isCheck(asked)
    ? sampleOfCheck(asked, needs)
    : Object.fromEntries(Object.entries(asked).map(([field, check]) => [field, sampleOfCheck(check, needs)]));
