import type { mongo } from 'mongoose';
import { type Access, collectionOf, PEOPLE } from '../collections.ts';

/** The parts of a person's document that tell when consents of theirs end. */
interface Consenting {
  readonly _id: string;
  readonly consentEnds?: { readonly dueAt?: Date };
}

/** Consents that end by themselves, by how they are given. */
export interface EndingNames {
  readonly forEverybody: readonly string[];
  readonly forRecipients: readonly string[];
}

/** Documents are fetched in so many at once: a long search holds none of them for long. */
const AT_ONCE = 100;

/** People with consents that end by themselves. */
export function createPeopleConsenting<Person extends Consenting>({ connection, read }: Access) {
  const people = collectionOf<Consenting>(connection, PEOPLE);
  const find = (filter: mongo.Filter<Consenting>): AsyncIterable<Person> =>
    people.find<Person>(filter, { ...read, batchSize: AT_ONCE });

  return {
    /** The people with a notice that is due at this time. */
    findDue: (now: Date) => find({ 'consentEnds.dueAt': { $lte: now } } as mongo.Filter<Consenting>),

    /** Everybody with one of these consents, given before the ends of consents were followed. */
    findUnfollowed: ({ forEverybody, forRecipients }: EndingNames) =>
      find({
        consentEnds: { $exists: false },
        $or: [
          ...forEverybody.map((purpose) => ({ [`facts.consents.${purpose}.given`]: true })),
          { 'facts.recipientConsents.purpose': { $in: forRecipients } },
        ],
      } as mongo.Filter<Consenting>),
  };
}
