import type { mongo } from 'mongoose';
import { type Access, collectionOf, PEOPLE } from '../collections.ts';

/** The parts of a person's document about the ends of values. */
interface Keeping {
  readonly _id: string;
  readonly retentionDueAt?: Date;
}

/** Places of values, and categories of previous values. */
export type Places = Readonly<Record<'values' | 'corrections', readonly string[]>>;

/** The documents of one batch: small, so that a long search holds none of them for long. */
const AT_ONCE = 100;

/** People with values that have a retention time. */
export function createPeopleKept<Person extends Keeping>({ connection, read }: Access) {
  const people = collectionOf<Keeping>(connection, PEOPLE);
  const holding = ({ values, corrections }: Places) =>
    ({
      $or: [
        ...values.map((place) => ({ [`values.${place}`]: { $exists: true } })),
        { 'corrections.category': { $in: corrections } },
      ],
    }) as mongo.Filter<Keeping>;
  const find = (filter: mongo.Filter<Keeping>): AsyncIterable<Person> =>
    people.find<Person>(filter, { ...read, batchSize: AT_ONCE });

  return {
    /** The people with a value that may be over at this time. */
    findDue: (now: Date) => find({ retentionDueAt: { $lte: now } }),

    /** Everybody with a value at one of these places, or a previous value of one of these categories. */
    findHolding: (places: Places) => find(holding(places)),

    /** The number of these people. */
    countHolding: (places: Places): Promise<number> => people.countDocuments(holding(places), read),

    /** The number of people with one of these versions of the policy as their last accepted one. */
    countUnder: (versions: readonly string[]): Promise<number> =>
      people.countDocuments({ 'facts.acceptedVersion': { $in: versions } } as mongo.Filter<Keeping>, read),

    /** Everybody without a value at one of these paths; each path has an index. */
    findWithout: (paths: readonly string[]) =>
      find({ $or: paths.map((path) => ({ [path]: null })) } as mongo.Filter<Keeping>),
  };
}
