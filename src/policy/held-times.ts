import { everyEnded, type Keep, lastEnded } from './keep.ts';
import { type Category, categoryNamed, type DataCategory, type Vocabulary } from './vocabulary.ts';

/**
 * Whether a person holds a value of a category. Values are sealed, so the facts hold the instant from which a value's
 * retention time runs, but only for categories that a condition asks for.
 */

/** Before every instant: the person holds no value. */
export const NEVER = new Date(-8_640_000_000_000_000);

/** After every instant: a value is held, and its time has no end until the start of that time is on record. */
export const UNCOUNTED = new Date(8_640_000_000_000_000);

/** Retention times, of these the shortest counts; empty for a value that is kept for good. */
export type ShortestOf = readonly Keep[];

/** The latest of the instants that `instantOf` gives for these times. */
const latest = (times: ShortestOf, instantOf: (keep: Keep) => Date): Date =>
  times.map(instantOf).reduce((last, one) => (one > last ? one : last), NEVER);

/**
 * Bounds for an unknown retention time: a value that counts from after `surely` is held for sure, and one that counts
 * from `over` or earlier is over for sure. In between it may be either.
 */
export function heldBounds(
  alternatives: readonly ShortestOf[],
  now: Date,
): { readonly surely: Date; readonly over: Date } {
  const instants = (instantOf: typeof lastEnded) =>
    alternatives
      .map((times) => latest(times, (keep) => instantOf(keep, now)))
      .sort((one, other) => one.getTime() - other.getTime());
  return { surely: instants(lastEnded).at(-1) ?? NEVER, over: instants(everyEnded)[0] ?? NEVER };
}

interface Worded {
  readonly vocabulary: Vocabulary;
}

/** The times of a category under some versions; the shortest counts. */
const timesOf = (id: DataCategory, versions: readonly Worded[]): Keep[] =>
  versions.flatMap(({ vocabulary }) => categoryNamed(vocabulary, id)?.keep ?? []);

/**
 * The times that may apply to people, by the categories that conditions ask for.
 *
 * @param accepted  the versions that people may have accepted
 */
export const heldTimes = (
  asked: readonly DataCategory[],
  current: Worded,
  accepted: readonly Worded[],
): ReadonlyMap<DataCategory, readonly ShortestOf[]> =>
  new Map(asked.map((id) => [id, accepted.map((version) => timesOf(id, [current, version]))]));

/** Whether a condition can ask for a value of this category: one that stands sealed in the person's document. */
export const canBeHeld = ({ value, role, heldBy }: Category): boolean =>
  value !== undefined && role !== 'handle' && heldBy === undefined;
