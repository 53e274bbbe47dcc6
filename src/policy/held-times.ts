import { everyEnded, type Keep, lastEnded } from './keep.ts';
import { type Category, categoryNamed, type DataCategory, type Vocabulary } from './vocabulary.ts';

/**
 * Whether a person holds a value of a category. Values are sealed, so that the instant from which a value counts stands
 * among the facts, for categories that a condition asks for and for no others.
 */

/** Before every instant: the person holds no value. */
export const NEVER = new Date(-8_640_000_000_000_000);

/** After every instant: a value is held, and has no end as long as it is not on record from when it counts. */
export const UNCOUNTED = new Date(8_640_000_000_000_000);

/** Times of which the shortest counts; none for a value that is kept for good. */
export type ShortestOf = readonly Keep[];

/** The latest of the instants that times tell, by one of the two functions that turn a time back. */
const latest = (times: ShortestOf, instantOf: (keep: Keep) => Date): Date =>
  times.map(instantOf).reduce((last, one) => (one > last ? one : last), NEVER);

/**
 * From when a value has to count to be held for sure, and up to when it is over for sure, where it is not known which
 * times apply. In between it may be either.
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

/** The times of a category under some versions, the shortest of which counts. */
const timesOf = (id: DataCategory, versions: readonly Worded[]): Keep[] =>
  versions.flatMap(({ vocabulary }) => categoryNamed(vocabulary, id)?.keep ?? []);

/**
 * The times that may apply to people, by the categories that conditions ask for.
 *
 * @param accepted  the versions of which people may have accepted any
 */
export const heldTimes = (
  asked: readonly DataCategory[],
  current: Worded,
  accepted: readonly Worded[],
): ReadonlyMap<DataCategory, readonly ShortestOf[]> =>
  new Map(asked.map((id) => [id, accepted.map((version) => timesOf(id, [current, version]))]));

/** Whether people can be asked whether they hold a value: one that stands sealed in their document. */
export const canBeHeld = ({ value, role, heldBy }: Category): boolean =>
  value !== undefined && role !== 'handle' && heldBy === undefined;
