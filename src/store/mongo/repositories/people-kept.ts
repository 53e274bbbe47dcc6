import type { mongo } from 'mongoose';
import { type Access, collectionOf, PEOPLE } from '../collections.ts';

/** The parts of a person's document that tell when values of theirs end. */
interface Keeping {
  readonly _id: string;
  readonly retentionDueAt?: Date;
}

/** Places of values, and categories of previous values. */
export type Places = Readonly<Record<'values' | 'corrections', readonly string[]>>;

/** Documents are fetched in so many at once: a long search holds none of them for long. */
const AT_ONCE = 100;

/** People with values that are kept for a time. */
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
    /** The people of whom a value may be over at this time. */
    findDue: (now: Date) => find({ retentionDueAt: { $lte: now } }),

    /** Everybody of whom a value lies at one of these places, or a previous value of one of these categories does. */
    findHolding: (places: Places) => find(holding(places)),

    /** How many people that are. */
    countHolding: (places: Places): Promise<number> => people.countDocuments(holding(places), read),

    /** How many people have accepted one of these versions of the policy, and no later one. */
    countUnder: (versions: readonly string[]): Promise<number> =>
      people.countDocuments({ 'facts.acceptedVersion': { $in: versions } } as mongo.Filter<Keeping>, read),

    /** Everybody without a value at one of these paths, each of which has an index. */
    findWithout: (paths: readonly string[]) =>
      find({ $or: paths.map((path) => ({ [path]: null })) } as mongo.Filter<Keeping>),
  };
}
