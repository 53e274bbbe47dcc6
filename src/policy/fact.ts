import { isRecord, recordsIn } from '../base/records.ts';
import type { Caller, Facts, Measures, Situation, Truth } from './facts.ts';
import { and, exactly, type Filter, someElement } from './filter.ts';
import {
  type Asked,
  bindCheck,
  bindFields,
  type Check,
  equals,
  type Fields,
  holdsOneOf,
  isCheck,
  type Pattern,
  sampleOf,
  testOf,
  testOfElement,
} from './predicate.ts';
import { type CategoryMask, knownCategories, maskOf, NO_CATEGORIES } from './vocabulary.ts';

/** Each fact has one statement. Its test, filter, index and cases follow from that statement. */

/** The part of a person that a fact reads. */
export interface Part {
  /** Its place among the facts of a person: `orders`, or `preferences` and the name of a preference. */
  readonly path: readonly [keyof Facts, string?];
  /** Values that the fact distinguishes and, if possible, values that other facts about the same part distinguish. */
  readonly cases: (caller: Caller, measures: readonly Measures[]) => readonly unknown[];
  /** The value after a person has declined; absent if people have no choice. */
  readonly declined?: unknown;
}

export interface Fact {
  /** One sentence for people, true when the fact holds. */
  readonly says: string;
  readonly test: (situation: Situation) => Truth;
  /** Undefined for a fact about the caller alone. */
  readonly part?: Part;
  /** The attribute of recipients that it reads. */
  readonly attribute?: string;
  /** The path of the indexed value that finds the people with the fact. */
  readonly index?: string;
  /**
   * The people for whom `test` gives `expected`; ignores `situation.facts`.
   * Undefined for a negated fact of a list: no index finds people without an element.
   * `named` also requires that the fact names one of these categories.
   */
  readonly filter: (situation: Situation, expected: boolean, named?: readonly string[]) => Filter | undefined;
  /** The categories that the fact itself names, for clauses that take them from it. */
  readonly categories?: (situation: Situation) => CategoryMask;
}

/** Ranks of selectivity: bound to one recipient or one case, a rare act, a common switch, nearly everybody. */
export const RANK = { OF_RECIPIENT: 0, RARE: 1, CONSENT: 2, SWITCH: 3, STATUS: 4, RESIDENCE: 5, VERSION: 6 } as const;

/** A fact about the caller is the same for everybody, so as a filter it is a constant. */
export const callerFact = (says: string, test: Fact['test']): Fact => ({
  says,
  test,
  filter: (situation, expected) => test(situation) === expected,
});

const valueAt = (facts: Facts, [name, key]: Part['path']): unknown => {
  const value = facts[name];
  if (key === undefined) return value;
  return isRecord(value) ? value[key] : undefined;
};

/** A filter for a value, or for the fields of a record. */
function filterAt(path: string, asked: Asked<Situation>, situation: Situation, rank: number): Filter {
  if (!isCheck(asked))
    return and(Object.entries(asked).map(([field, check]) => filterAt(`${path}.${field}`, check, situation, rank)));
  const predicate = bindCheck(asked, situation);
  return predicate !== null && exactly(path, predicate, rank);
}

/** A fact of one value: unknown if the value matches neither `holds` nor `fails`. */
export function valueFact(statement: {
  readonly says: string;
  readonly path: Part['path'];
  /** The index of a record is on its first field. */
  readonly holds: Asked<Situation>;
  readonly fails: Asked<Situation>;
  readonly rank: number;
  readonly declined?: unknown;
  /** For facts that distinguish more values than one that holds and one that fails. */
  readonly cases?: Part['cases'];
}): Fact {
  const { says, path, holds, fails, rank, declined, cases } = statement;
  const place = path.join('.');
  const [isSo, isNotSo] = [testOf(holds), testOf(fails)];
  const samples: Part['cases'] = (caller, measures) =>
    measures.flatMap((some) => {
      const situation = { ...caller, measures: some, facts: {} };
      return [sampleOf(holds, situation), sampleOf(fails, situation)];
    });
  return {
    says,
    part: { path, cases: cases ?? samples, ...(declined !== undefined && { declined }) },
    index: isCheck(holds) ? place : `${place}.${firstOf(holds)}`,
    test: (situation) => {
      const value = valueAt(situation.facts, path);
      return isSo(value, situation) || (isNotSo(value, situation) ? false : undefined);
    },
    filter: (situation, expected) => filterAt(place, expected ? holds : fails, situation, rank),
  };
}

const firstOf = (fields: Fields<unknown>): string => Object.keys(fields)[0] ?? '';

/** A situation without the person. */
type Surroundings = Omit<Situation, 'facts'>;

const clientId = ({ recipient }: Pick<Caller, 'recipient'>) => recipient?.clientId ?? null;

/** A fact of a list: it holds if an element matches the statement, and fails if none does. */
export function listFact(statement: {
  readonly says: string;
  readonly list: keyof Facts;
  /** The field of an element that names a recipient; this must be the caller. */
  readonly recipient?: string;
  readonly where?: Fields<Check<Surroundings>>;
  readonly either?: Pattern['either'];
  /** The field with the index, unless it is the first. */
  readonly indexed?: string;
  /** Whether the person chooses the elements. */
  readonly isChoice?: boolean;
  /** The field with an element's data categories. */
  readonly names?: string;
}): Fact {
  const { says, list, recipient, either, isChoice, names } = statement;
  const where = { ...(recipient !== undefined && { [recipient]: equals(clientId) }), ...statement.where };
  const indexed = statement.indexed ?? firstOf(where);
  const rank = recipient === undefined ? RANK.RARE : RANK.OF_RECIPIENT;
  const isAsStated = testOfElement({ where, either });
  const sample = (surroundings: Surroundings) =>
    sampleOf(
      { ...where, ...either?.[0], ...(names !== undefined && { [names]: holdsOneOf(new Set(knownCategories())) }) },
      surroundings,
    );
  const cases: Part['cases'] = (caller, measures) => [
    [],
    ...measures.map((some) => [sample({ ...caller, measures: some })]),
  ];
  return {
    says,
    part: { path: [list], cases, ...(isChoice && { declined: [] }) },
    index: `${list}.${indexed}`,
    test: (situation) => {
      const elements = situation.facts[list];
      if (!Array.isArray(elements)) return undefined;
      for (const element of elements) if (isAsStated(element, situation)) return true;
      return false;
    },
    filter: (situation, expected, named) => {
      if (!expected) return undefined;
      const asked = named && names !== undefined ? { ...where, [names]: holdsOneOf(new Set(named)) } : where;
      const bound = bindFields(asked, situation);
      return bound !== null && someElement(list, { where: bound, either }, indexed, rank);
    },
    ...(names !== undefined && {
      categories: (situation: Situation) =>
        recordsIn(situation.facts[list])
          .filter((element) => isAsStated(element, situation) && Array.isArray(element[names]))
          .reduce((mask, element) => mask | maskOf(element[names] as string[]), NO_CATEGORIES),
    }),
  };
}
