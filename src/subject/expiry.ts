import { isDeepStrictEqual } from 'node:util';
import { isRecord, recordsIn } from '../base/records.ts';
import type { Access, Decision } from '../policy/decide.ts';
import { counts } from '../policy/process-kinds.ts';
import { ITEM_INSTANT, type Kept, NO_RETENTION, type Retention } from '../policy/retention.ts';
import { type DataCategory, maskOf, NO_CATEGORIES } from '../policy/vocabulary.ts';
import type { Correction, PersonDocument } from './model.ts';
import type { PersonalValues } from './values.ts';
import { openValue, type Vault } from './vault.ts';

/**
 * The end of values that are kept for a time. Past the end a value counts as not held for every read, whether or not
 * the sweep has come by. If the last write of a value is not on record, the value was there before its category had a
 * period: the period begins when the sweep first meets the value, and the sweep puts that on record.
 */

/** The parts of a person's document that tell which values are over. */
type Timed = Pick<PersonDocument, 'values' | 'facts' | 'written' | 'corrections'>;

interface Process {
  readonly kind: unknown;
  readonly from: Date;
  readonly until: Date;
}

/** The legal processes that name one of these categories, the earliest first. One with a flaw is none. */
export const processesNaming = ({ facts }: Pick<Timed, 'facts'>, names: readonly DataCategory[]): Process[] =>
  recordsIn(facts.legalProcesses)
    .flatMap(({ kind, from, until, categories }) =>
      from instanceof Date &&
      until instanceof Date &&
      Array.isArray(categories) &&
      names.some((name) => categories.includes(name))
        ? [{ kind, from, until }]
        : [],
    )
    .sort((one, other) => one.from.getTime() - other.from.getTime());

/** A process in force at the end of a value holds it until the process ends; then the next one may hold it. */
const heldUntil = (end: Date, processes: readonly Process[]): Date =>
  processes.reduce((held, { from, until }) => (from <= held && held < until ? until : held), end);

/** Whether a look at a person reads values of these categories that a legal process of a kind holds beyond their time. */
export type ReadsHeld = (names: readonly DataCategory[], kind: unknown) => boolean;

/** A value that counts from an instant, as far as its end is concerned. */
export interface Counted {
  readonly kept: Kept;
  /** Undefined where it is not known: then the value has no end yet. */
  readonly from: Date | undefined;
  /** The categories of which a legal process names one to hold the value. */
  readonly names?: readonly DataCategory[];
}

/** One look at a person. */
export interface Times {
  readonly retention: Retention;
  /** The end by the policy alone, and the end with the time for which legal processes hold the value. */
  readonly endsOf: (counted: Counted) => { readonly end: Date; readonly held: Date } | null;
  readonly isOver: (counted: Counted) => boolean;
}

export function timesOf(
  retention: Retention,
  person: Pick<Timed, 'facts'>,
  now: Date,
  readsHeld: ReadsHeld = () => false,
): Times {
  const endsOf: Times['endsOf'] = ({ kept, from, names = kept.names }) => {
    const end = from ? retention.endOf(kept.category, person.facts.acceptedVersion, from) : null;
    const reads = ({ kind }: Process) => readsHeld(names, kind);
    return end && { end, held: heldUntil(end, processesNaming(person, names).filter(reads)) };
  };
  const isOver: Times['isOver'] = (counted) => {
    const ends = endsOf(counted);
    return ends !== null && ends.held <= now;
  };
  return { retention, endsOf, isOver };
}

/** The look at people of a company that says no times. */
const FOR_GOOD: Times = { retention: NO_RETENTION, endsOf: () => null, isOver: () => false };

/**
 * The look of one caller. A value that a legal process holds beyond its time is there for callers that read it under the
 * process, and for no others.
 */
export function timesFor({ retention, now }: Access, { grounds }: Decision, person: Pick<Timed, 'facts'>): Times {
  if (retention.kept.size === 0) return FOR_GOOD;
  const underProcess = grounds.filter(({ ruling }) => ruling.named !== undefined);
  return timesOf(retention, person, now, (names, kind) =>
    underProcess.some(
      ({ ruling, mask }) => counts(ruling.processKinds, kind) && (mask & maskOf(names)) !== NO_CATEGORIES,
    ),
  );
}

/** The instant that an item of a list tells; the last write of the list where it tells none. */
export function instantOf(item: unknown, written: Date | undefined): Date | undefined {
  const told = isRecord(item) ? item[ITEM_INSTANT] : undefined;
  const at = typeof told === 'string' ? new Date(told) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at : written;
}

/** The items of a list that are not over; any other value as it is. */
const left = (times: Times, counted: Counted, value: unknown): unknown =>
  counted.kept.byItem && Array.isArray(value)
    ? value.filter((item) => !times.isOver({ ...counted, from: instantOf(item, counted.from) }))
    : value;

/** A previous value counts from its own last write. Without one on record it was written before it was corrected. */
export const countedFrom = (correction: Correction, kept: Kept): Counted => ({
  kept,
  from: correction.written ?? correction.at,
  names: ['CORRECTED_VALUE'],
});

/** Whether a previous value is over as a whole. */
export function isPreviousOver(times: Times, correction: Correction): boolean {
  const kept = times.retention.kept.get(correction.category);
  return kept !== undefined && !kept.byItem && times.isOver(countedFrom(correction, kept));
}

/** The person without expired values. A list loses its items one by one, when it is opened. */
export function withoutOver<Person extends Omit<Timed, 'corrections'>>(times: Times, person: Person): Person {
  const { values, written = {} } = person;
  const over = [...times.retention.kept.values()].filter(
    (kept) => !kept.byItem && kept.place in values && times.isOver({ kept, from: written[kept.category] }),
  );
  if (over.length === 0) return person;
  const isLeft = ([place]: readonly [string, unknown]) => !over.some((kept) => kept.place === place);
  return { ...person, values: Object.fromEntries(Object.entries(values).filter(isLeft)) };
}

/** The person as reads see them: also without expired previous values. */
export function asRead<Person extends Timed>(times: Times, person: Person): Person {
  if (times.retention.kept.size === 0) return person;
  const corrections = person.corrections?.filter((correction) => !isPreviousOver(times, correction));
  return { ...withoutOver(times, person), ...(corrections && { corrections }) };
}

/** The value at a place, a list without its expired items. */
export function openLeft<Place extends string>(
  times: Times,
  vault: Vault,
  { values, written = {} }: Pick<Timed, 'values' | 'written'>,
  place: Place,
): PersonalValues[Place] | undefined {
  const value = openValue(vault, values, place);
  const kept = times.retention.places.get(place);
  return kept ? (left(times, { kept, from: written[kept.category] }, value) as PersonalValues[Place]) : value;
}

/** The categories that had values and have nothing left, with those that are made from them. */
export function endedIn(times: Times, written: PersonDocument['written'], values: PersonalValues): DataCategory[] {
  const isEnded = (kept: Kept): boolean => {
    const value = values[kept.place];
    const counted = { kept, from: written?.[kept.category] };
    if (value === undefined || !kept.byItem) return value !== undefined && times.isOver(counted);
    return Array.isArray(value) && value.length > 0 && isDeepStrictEqual(left(times, counted, value), []);
  };
  return [...times.retention.kept.values()].filter(isEnded).flatMap(({ names }) => names);
}

/** All values, each as `openLeft` has it. */
export const openAllLeft = (times: Times, vault: Vault, person: Pick<Timed, 'values' | 'written'>): PersonalValues =>
  Object.fromEntries(Object.keys(person.values).map((place) => [place, openLeft(times, vault, person, place)]));

/** The place of a previous value, which is part of its seal. */
export const placeOfPrevious = ({ id }: Pick<Correction, 'id'>): string => `CORRECTED_VALUE/${id}`;

/** The value before a correction, a list without its expired items. */
export function openPrevious(times: Times, vault: Vault, correction: Correction): unknown {
  const value = vault.open(placeOfPrevious(correction), correction.previousValue);
  const kept = times.retention.kept.get(correction.category);
  return kept ? left(times, countedFrom(correction, kept), value) : value;
}
