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

/** A fact is stated once, and from its statement follow its test, its filter, its index and its cases. */

/** The part of a person that a fact looks at. */
export interface Part {
  /** Where it stands among the facts of a person: `orders`, or `preferences` and the name of one. */
  readonly path: readonly [keyof Facts, string?];
  /** Values that the fact tells apart, and, where it can, what facts about the same part tell apart. */
  readonly cases: (caller: Caller, measures: readonly Measures[]) => readonly unknown[];
  /** The value after a person has declined; left out where people have no choice. */
  readonly declined?: unknown;
}

export interface Fact {
  /** One sentence for people, true when the fact holds. */
  readonly says: string;
  readonly test: (situation: Situation) => Truth;
  /** Undefined for a fact about the caller alone. */
  readonly part?: Part;
  /** The attribute of recipients that it looks at. */
  readonly attribute?: string;
  /** The path of the indexed value that finds the people with the fact. */
  readonly index?: string;
  /**
   * The people of whom `test` gives `expected`, `situation.facts` aside.
   * Undefined where a fact of a list is negated: no index finds who lacks an element.
   * `named` asks further that the fact name one of these categories.
   */
  readonly filter: (situation: Situation, expected: boolean, named?: readonly string[]) => Filter | undefined;
  /** The categories that the fact itself names, where a clause takes them from it. */
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

/** A fact of one value: unknown where the value is neither as it holds nor as it fails. */
export function valueFact(statement: {
  readonly says: string;
  readonly path: Part['path'];
  /** Of a record, the index is on the first field. */
  readonly holds: Asked<Situation>;
  readonly fails: Asked<Situation>;
  readonly rank: number;
  readonly declined?: unknown;
  /** For facts that tell more values apart than one by which they hold and one by which they fail. */
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

/** Everything of a situation but the person. */
type Surroundings = Omit<Situation, 'facts'>;

const clientId = ({ recipient }: Pick<Caller, 'recipient'>) => recipient?.clientId ?? null;

/** A fact of a list: it holds where some element is as stated, and fails where none is. */
export function listFact(statement: {
  readonly says: string;
  readonly list: keyof Facts;
  /** The field of an element that names a recipient; it has to be the one that asks. */
  readonly recipient?: string;
  readonly where?: Fields<Check<Surroundings>>;
  readonly either?: Pattern['either'];
  /** The field that the index is on, unless it is the first. */
  readonly indexed?: string;
  /** Whether the person decides which elements there are. */
  readonly isChoice?: boolean;
  /** The field in which an element names data categories. */
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
