import type { Received } from '../../ledger/disclosure/recipients.ts';
import type { Facts } from '../../policy/facts.ts';
import { type CategoryMask, type DataCategory, isIn, NO_CATEGORIES } from '../../policy/vocabulary.ts';
import type { Scope, Turn } from '../../subject/retraction.ts';

// Positions in the person's ledger decide which categories a recipient has to erase: the end of the ledger when the
// person was read, and the place of each act. Clocks decide nothing, so a value that was given anew is not taken for
// the old one.

/** An act on record. It takes back some categories, or everything, that was shown at smaller positions. */
export interface TakingBack {
  readonly n: number;
  readonly at: Date;
  readonly scope: Scope;
}

/** An act on record by which a person took a permission back. */
export interface Stop {
  readonly n: number;
  readonly at: Date;
  readonly turn: Turn;
}

/** One response's data of a person. */
export type Showing = Pick<Received, 'categories' | 'position'>;
export type Shown = Showing & Pick<Received, 'times'>;

/** The number of responses that showed each category, and under EVERYTHING of all responses. It never falls. */
export type Counts = Readonly<Record<DataCategory | 'EVERYTHING', number>>;

/** A request to one recipient about one person. */
export interface NoticeState {
  /** The notice has grown so many times. */
  readonly revision: number;
  readonly pending: boolean;
  readonly categories: readonly DataCategory[];
  /** Whether all of the person is meant, the id too. */
  readonly everything: boolean;
  /** The time of the last act that the notice speaks of. */
  readonly at: Date;
  /** The time of the act since which the notice waits, however it has grown. */
  readonly since: Date;
  /** All that the recipient was shown and that was taken back later. */
  readonly due: Counts;
  /** The part of `due` that the recipient has acknowledged. */
  readonly settled: Counts;
}

const takes = ({ scope }: TakingBack, category: DataCategory) => scope === 'EVERYTHING' || scope.includes(category);

/** Whether the person has taken anything of it back since. */
export const isDue = ({ categories, position }: Showing, acts: readonly TakingBack[]): boolean =>
  acts.some(
    (act) => position < act.n && (act.scope === 'EVERYTHING' || categories.some((category) => takes(act, category))),
  );

type Key = string;
const EVERYTHING: Key = 'EVERYTHING';

/** Counts the responses under each key that a response makes due. */
function count(shown: readonly Shown[], keysOf: (showing: Showing) => readonly Key[]): Counts {
  const counts: Record<Key, number> = {};
  for (const { times, ...showing } of shown)
    for (const key of keysOf(showing)) counts[key] = (counts[key] ?? 0) + times;
  return counts;
}

/** Counts the responses to one recipient with data that the person took back later. */
export const countDue = (shown: readonly Shown[], acts: readonly TakingBack[]): Counts =>
  count(shown, ({ categories, position }) => {
    const later = acts.filter(({ n }) => position < n);
    const taken = categories.filter((category) => later.some((act) => takes(act, category)));
    return later.some(({ scope }) => scope === 'EVERYTHING') ? [EVERYTHING, ...taken] : taken;
  });

/**
 * Finds the permissions that matter to one recipient and that the person took back, and the categories that the recipient
 * has lost by that.
 *
 * @param shownOf  gives the categories of a person with these facts that the recipient is shown for one purpose
 */
export function findStopped<S extends Stop>(
  stops: readonly S[],
  facts: Facts,
  shownOf: (facts: Facts) => CategoryMask,
) {
  const untouched = stops.reduce((before, { turn }) => turn(before, true, facts), facts);
  const would = shownOf(untouched);
  const shown = shownOf(facts);
  return {
    // some hide by themselves, others only together: without the consent to a transfer, a move into the region hides
    stops: stops.filter(
      ({ turn }) =>
        ((would & ~shownOf(turn(untouched, false, facts))) | (shownOf(turn(facts, true, facts)) & ~shown)) !==
        NO_CATEGORIES,
    ),
    lost: would & ~shown,
    /** Whether the person is hidden from the recipient now. */
    everything: shown === NO_CATEGORIES,
  };
}

/** Counts the responses to one recipient for one purpose with categories that the recipient has lost since. */
export const countStopped = (
  shown: readonly Shown[],
  { stops, lost, everything }: ReturnType<typeof findStopped<Stop>>,
): Counts =>
  count(shown, ({ categories, position }) => {
    if (lost === NO_CATEGORIES || !stops.some(({ n }) => position < n)) return [];
    const taken = categories.filter((category) => isIn(lost, category));
    return everything ? [EVERYTHING, ...taken] : taken;
  });

const isMore = (key: Key, a: Counts, b: Counts) => (a[key] ?? 0) > (b[key] ?? 0);

/**
 * The notice with all newly due requests. A number grows only for a response that the notice does not count yet.
 *
 * @param acts  all of the person's that ask the same
 * @param order  the categories in the order in which the notice names them
 * @returns null where nothing new is due
 */
export function grow(
  before: NoticeState | null,
  counts: Counts,
  acts: readonly TakingBack[],
  order: readonly DataCategory[],
): NoticeState | null {
  const { due: known = {}, settled = {}, revision = 0 } = before ?? {};
  const grown = Object.keys(counts).filter((key) => isMore(key, counts, known));
  if (grown.length === 0) return null;
  const due: Counts = { ...known, ...Object.fromEntries(grown.map((key) => [key, counts[key] ?? 0])) };
  const categories = order.filter((category) => isMore(category, due, settled));
  const meant = acts.filter((act) => act.scope === 'EVERYTHING' || categories.some((category) => takes(act, category)));
  const latest = meant.reduce((one, other) => (one.n > other.n ? one : other));
  return {
    revision: revision + 1,
    pending: true,
    categories,
    everything: isMore(EVERYTHING, due, settled),
    at: latest.at,
    since: before?.pending ? before.since : latest.at,
    due,
    settled,
  };
}
