import { isDeepStrictEqual } from 'node:util';
import { DAY } from '../../base/durations.ts';
import type { Retention } from '../../policy/retention.ts';
import type { DataCategory } from '../../policy/vocabulary.ts';
import { type Counted, countedFrom, instantOf, placeOfPrevious, type Times, timesOf } from '../../subject/expiry.ts';
import type { Change, Correction, PersonDocument } from '../../subject/model.ts';
import { openValue, type Vault } from '../../subject/vault.ts';

/** A process can be ended before its time, so that the values it holds are looked at again this soon. */
const LOOK_AT_HELD_EVERY = DAY;

const EVER = new Date(0);

/** The fate of a value: it goes, it stays as it is, or a part of it is left. */
type Fate = 'GOES' | 'STAYS' | { readonly left: readonly unknown[] };

/**
 * Weighs values one after the other.
 *
 * @param told  up to when the ledger has told that values of a category are over, while a process held them
 */
function createScales(times: Times, at: Date, told: NonNullable<PersonDocument['expiryTold']>) {
  let due = Number.POSITIVE_INFINITY;
  const ended = new Set<DataCategory>();
  const held = new Set<DataCategory>();
  const nextLook = at.getTime() + LOOK_AT_HELD_EVERY;

  /** @returns whether it is over */
  const weigh = (counted: Counted): boolean => {
    const ends = times.endsOf(counted);
    const { category } = counted.kept;
    if (ends && ends.end <= at && ends.end > (told[category] ?? EVER)) ended.add(category);
    if (!ends || ends.held <= at) return ends !== null;
    if (ends.end <= at) held.add(category);
    due = Math.min(due, ends.end <= at ? Math.min(ends.held.getTime(), nextLook) : ends.end.getTime());
    return false;
  };

  return {
    /** @param open  the value, which is opened only where each of its items has its own time */
    fateOf(counted: Counted, open: () => unknown): Fate {
      if (!counted.kept.byItem) return weigh(counted) ? 'GOES' : 'STAYS';
      const value = open();
      if (!Array.isArray(value)) return 'STAYS';
      const left = value.filter((item) => !weigh({ ...counted, from: instantOf(item, counted.from) }));
      if (left.length === value.length) return 'STAYS';
      return left.length === 0 ? 'GOES' : { left };
    },
    /** When the first value that stays has to be looked at again. */
    due: (): Date | undefined => (Number.isFinite(due) ? new Date(due) : undefined),
    /** The categories of values that are over, and that the ledger has not told of. */
    ended,
    /** The categories of values that are over and held by a process. */
    held,
  };
}

/**
 * The change that carries out the times of one person. It removes values, items of lists and previous values at the end
 * of their time, unless a legal process holds them. It puts a missing first write on record, and the document tells when
 * to look again. Made again, it changes nothing. The ledger tells of the end of a value that a process holds when
 * its time is over, and not when the process ends: no entry tells that there was a process.
 *
 * @param person  the document as it is stored
 * @returns null where nothing is to be changed
 */
export function planExpiry(retention: Retention, person: PersonDocument, vault: Vault, at: Date): Change | null {
  const scales = createScales(
    timesOf(retention, person, at, () => true),
    at,
    person.expiryTold ?? {},
  );
  const { values, corrections = [], written: known = {}, retentionDueAt, expiryTold: told = {} } = person;
  const set: Record<string, unknown> = {};
  const unset: string[] = [];

  const written: Record<DataCategory, Date> = {};
  for (const kept of [...retention.kept.values()].filter(({ place }) => place in values)) {
    const { category, place } = kept;
    const from = known[category] ?? at;
    const fate = scales.fateOf({ kept, from }, () => openValue(vault, values, place));
    if (fate === 'GOES') unset.push(`values.${place}`);
    else written[category] = from;
    if (typeof fate === 'object') set[`values.${place}`] = vault.seal(place, fate.left);
  }

  const keptCorrections = corrections.flatMap((correction): Correction[] => {
    const kept = retention.kept.get(correction.category);
    if (!kept) return [correction];
    const place = placeOfPrevious(correction);
    // a value that gave way to another is held under the names that held it before; only previous values are read
    // under these names
    const names = ['CORRECTED_VALUE', ...kept.names];
    const fate = scales.fateOf({ ...countedFrom(correction, kept), names }, () =>
      vault.open(place, correction.previousValue),
    );
    if (fate === 'STAYS') return [correction];
    return fate === 'GOES' ? [] : [{ ...correction, previousValue: vault.seal(place, fate.left) }];
  });
  if (!isDeepStrictEqual(keptCorrections, corrections)) set.corrections = keptCorrections;

  const { ended, held, due } = scales;
  const replace = (path: 'written' | 'retentionDueAt' | 'expiryTold', before: unknown, after: unknown) => {
    if (isDeepStrictEqual(before, after)) return;
    if (after === undefined) unset.push(path);
    else set[path] = after;
  };
  replace('written', person.written, Object.keys(written).length > 0 ? written : undefined);
  replace('retentionDueAt', retentionDueAt, due());
  const toldNow = Object.fromEntries([...held].map((id) => [id, ended.has(id) ? at : (told[id] ?? at)]));
  replace('expiryTold', person.expiryTold, held.size > 0 ? toldNow : undefined);
  // fewer items are no new write
  if (Object.keys(set).some((path) => path.startsWith('values.'))) set.written = written;
  if (Object.keys(set).length + unset.length === 0) return null;
  return {
    set,
    unset,
    entries: ended.size > 0 ? [{ type: 'EXPIRY', at: at.toISOString(), categories: [...ended] }] : [],
  };
}
