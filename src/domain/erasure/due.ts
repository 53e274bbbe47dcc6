import type { ToldEntry } from '../../ledger/person-chain.ts';
import type { Received } from '../../ledger/recipients.ts';
import { DATA_CATEGORIES, type DataCategory } from '../../policy/vocabulary.ts';

// Positions in the person's ledger decide what a recipient has to erase: the end of the ledger when the person was read,
// and the place of each erasure. Clocks decide nothing, so a value that was given anew is not taken for the old one.

/** The extent of an erasure: some categories, or the person with everything. */
export type Scope = readonly DataCategory[] | 'EVERYTHING';

/** An entry of a person's ledger that recipients are told of. It takes back what was shown at smaller positions. */
export interface Erasure {
  readonly n: number;
  readonly at: Date;
  readonly scope: Scope;
}

/** One response's data of a person. */
export type Showing = Pick<Received, 'categories' | 'position'>;

/** The number of responses that showed each category, and under EVERYTHING of all responses. It never falls. */
export type Counts = Readonly<Partial<Record<DataCategory | 'EVERYTHING', number>>>;

/** The notice of one recipient about one person. */
export interface NoticeState {
  /** The notice has grown so many times. */
  readonly revision: number;
  readonly pending: boolean;
  readonly categories: readonly DataCategory[];
  /** Whether the person is gone, and everything with them. */
  readonly everything: boolean;
  /** The time of the last erasure that the notice speaks of. */
  readonly at: Date;
  /** All that the recipient was shown and that was erased later. */
  readonly due: Counts;
  /** The part of `due` that the recipient has acknowledged. */
  readonly settled: Counts;
}

export const erasureOf = (entry: ToldEntry): Erasure => ({
  n: entry.n,
  at: new Date(entry.at),
  scope: entry.type === 'DELETION' ? entry.categories : 'EVERYTHING',
});

const takes = ({ scope }: Erasure, category: DataCategory) => scope === 'EVERYTHING' || scope.includes(category);

/** Whether the person has erased anything of it since. */
export const isDue = ({ categories, position }: Showing, erasures: readonly Erasure[]): boolean =>
  erasures.some(
    (erasure) =>
      position < erasure.n &&
      (erasure.scope === 'EVERYTHING' || categories.some((category) => takes(erasure, category))),
  );

/** Counts what one recipient was shown of a person and the person has erased since. */
export function countDue(received: readonly Received[], erasures: readonly Erasure[]): Counts {
  const counts: Partial<Record<keyof Counts, number>> = {};
  for (const { categories, position, times } of received) {
    const later = erasures.filter(({ n }) => position < n);
    const everything = later.some(({ scope }) => scope === 'EVERYTHING') ? (['EVERYTHING'] as const) : [];
    const erased = categories.filter((category) => later.some((erasure) => takes(erasure, category)));
    for (const key of [...everything, ...erased]) counts[key] = (counts[key] ?? 0) + times;
  }
  return counts;
}

const COUNTED = [...DATA_CATEGORIES, 'EVERYTHING'] as const;
const isMore = (key: keyof Counts, a: Counts, b: Counts) => (a[key] ?? 0) > (b[key] ?? 0);

/**
 * The notice, grown by what has become due. A number grows only for a response that the notice does not speak of yet.
 *
 * @param erasures  all of the person's
 * @returns null where nothing new is due
 */
export function grow(before: NoticeState | null, counts: Counts, erasures: readonly Erasure[]): NoticeState | null {
  const { due: known = {}, settled = {}, revision = 0 } = before ?? {};
  const grown = COUNTED.filter((key) => isMore(key, counts, known));
  if (grown.length === 0) return null;
  const due: Counts = { ...known, ...Object.fromEntries(grown.map((key) => [key, counts[key]])) };
  const categories = DATA_CATEGORIES.filter((category) => isMore(category, due, settled));
  const meant = erasures.filter(
    (erasure) => erasure.scope === 'EVERYTHING' || categories.some((category) => takes(erasure, category)),
  );
  const latest = meant.reduce((one, other) => (one.n > other.n ? one : other));
  return {
    revision: revision + 1,
    pending: true,
    categories,
    everything: due.EVERYTHING !== undefined,
    at: latest.at,
    due,
    settled,
  };
}
