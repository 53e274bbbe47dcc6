import type { mongo } from 'mongoose';
import { type Access, collectionOf, PEOPLE } from '../collections.ts';

/** The documents of one batch: small, so that a long search holds none of them for long. */
const AT_ONCE = 100;

/** People with a date of birth that is missing from their facts. */
export const createPeopleUnaged = <Person extends { readonly _id: string }>({ connection, read }: Access) => ({
  find: (): AsyncIterable<Person> =>
    collectionOf<Person>(connection, PEOPLE).find<Person>(
      { 'facts.bornOn': { $exists: false }, 'values.BIRTH_DATE': { $exists: true } } as mongo.Filter<Person>,
      { ...read, batchSize: AT_ONCE },
    ),
});
