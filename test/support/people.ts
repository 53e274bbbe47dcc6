import { createBlindIndex } from '../../src/store/derive.ts';
import { collectionOf, PEOPLE } from '../../src/store/mongo/collections.ts';
import type { PersonDocument } from '../../src/subject/model.ts';
import { createPeople } from '../../src/subject/people.ts';
import { createPublicIds } from '../../src/subject/public-ids.ts';
import type { TestStore } from './store.ts';
import { KEYS } from './world.ts';

/** The look-ups of people in the database of a test world, apart from its gateway. */
export const peopleIn = (store: TestStore) =>
  createPeople(store, createPublicIds(store, createBlindIndex(KEYS.sharedSecret)));

/** The documents of people as they lie in the database. */
export const documentsIn = ({ connection }: TestStore) => collectionOf<PersonDocument>(connection, PEOPLE);
