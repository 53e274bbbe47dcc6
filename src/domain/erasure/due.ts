import type { ToldEntry } from '../../ledger/person-chain.ts';
import type { Received } from '../../ledger/recipients.ts';
import { DATA_CATEGORIES, type DataCategory } from '../../policy/vocabulary.ts';

// What a recipient has to erase follows from positions alone: where a person's ledger stood when they were read, and
// where in it an erasure stands. No clock is asked, so a value that was given anew is never mistaken for the old one.

/** What is to be erased: some categories, or the person with everything. */
export type Scope = readonly DataCategory[] | 'EVERYTHING';

/** An entry of a person's ledger that recipients are told of. It speaks of what was shown at smaller positions. */
export interface Erasure {
  readonly n: number;
  readonly at: Date;
  readonly scope: Scope;
}

/** What one response showed a recipient of a person. */
export type Showing = Pick<Received, 'categories' | 'position'>;

/** How many responses showed each category; under EVERYTHING, how many there were. Such a number never falls. */
export type Counts = Readonly<Partial<Record<DataCategory | 'EVERYTHING', number>>>;

/** What one recipient has to erase of one person. */
export interface NoticeState {
  /** Counts how often the notice has grown. */
  readonly revision: number;
  readonly pending: boolean;
  readonly categories: readonly DataCategory[];
  /** Whether the person is gone, and everything with them. */
  readonly everything: boolean;
  /** When the person deleted it, or was erased. */
  readonly at: Date;
  /** What was shown before it was erased, all in all. */
  readonly due: Counts;
  /** As much of it as the recipient said that it has erased. */
  readonly settled: Counts;
}

export const erasureOf = (entry: ToldEntry): Erasure => ({
  n: entry.n,
  at: new Date(entry.at),
  scope: entry.type === 'DELETION' ? entry.categories : 'EVERYTHING',
});

const takes = ({ scope }: Erasure, category: DataCategory) => scope === 'EVERYTHING' || scope.includes(category);

/** Whether anything of what was shown has been erased since. */
export const isDue = ({ categories, position }: Showing, erasures: readonly Erasure[]): boolean =>
  erasures.some(
    (erasure) =>
      position < erasure.n &&
      (erasure.scope === 'EVERYTHING' || categories.some((category) => takes(erasure, category))),
  );

/** How much of what one recipient was shown of a person has been erased since. */
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
 * A notice with what has become due. A number can only grow for a response that nobody has been told of.
 *
 * @param erasures  all of the person's
 * @returns null where nothing has become due that the notice does not know of
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
