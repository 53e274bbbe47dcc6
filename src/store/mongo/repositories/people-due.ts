import { type Access, collectionOf, PEOPLE } from '../collections.ts';

/** The parts of a person's document that decide about its deletion. */
interface Ending {
  readonly _id: string;
  readonly facts: object;
  readonly deletionDueAt?: Date;
}

/** The number of ids that one command fetches. */
const TOGETHER = 1_000;

/** People with documents to delete. */
export function createPeopleDue<Person extends Ending>({ connection, read, write }: Access) {
  const people = collectionOf<Ending>(connection, PEOPLE);

  return {
    /** The people with one status, for example of a begun erasure. */
    findOfStatus: (status: unknown): Promise<Person[]> =>
      people.find<Person>({ 'facts.status': status }, read).toArray(),

    /** The people with data that is due to be deleted at this time. */
    findDue: (now: Date): Promise<Person[]> => people.find<Person>({ deletionDueAt: { $lte: now } }, read).toArray(),

    /** Internal ids in their order, some at a time: those after the one that is given. */
    async findIds(after = ''): Promise<string[]> {
      const settings = { ...read, sort: { _id: 1 }, limit: TOGETHER, projection: { _id: 1 } } as const;
      return (await people.find({ _id: { $gt: after } }, settings).toArray()).map(({ _id }) => _id);
    },

    /** Deletes the person's document. */
    async forget(sid: string): Promise<void> {
      await people.deleteOne({ _id: sid }, { writeConcern: write });
    },
  };
}
