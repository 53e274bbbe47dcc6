import { type Access, collectionOf, PEOPLE } from '../collections.ts';

/** The parts of a person's document that tell whether it is to go. */
interface Ending {
  readonly _id: string;
  readonly facts: object;
  readonly deletionDueAt?: Date;
}

/** People whose documents are to go. */
export function createPeopleDue<Person extends Ending>({ connection, read, write }: Access) {
  const people = collectionOf<Ending>(connection, PEOPLE);

  return {
    /** Those of a status, that of somebody whose erasure has begun for instance. */
    findOfStatus: (status: unknown): Promise<Person[]> =>
      people.find<Person>({ 'facts.status': status }, read).toArray(),

    /** Those whose data is to be deleted at this time or was to be before. */
    findDue: (now: Date): Promise<Person[]> => people.find<Person>({ deletionDueAt: { $lte: now } }, read).toArray(),

    /** Nothing is left of the person then. */
    async forget(sid: string): Promise<void> {
      await people.deleteOne({ _id: sid }, { writeConcern: write });
    },
  };
}
