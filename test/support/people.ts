import { createBlindIndex } from '../../src/store/derive.ts';
import { createPeople } from '../../src/subject/people.ts';
import { createPublicIds } from '../../src/subject/public-ids.ts';
import type { TestStore } from './store.ts';
import { KEYS } from './world.ts';

/** The look-ups of people in the database of a test world, apart from its gateway. */
export const peopleIn = (store: TestStore) =>
  createPeople(store, createPublicIds(store, createBlindIndex(KEYS.sharedSecret)));
