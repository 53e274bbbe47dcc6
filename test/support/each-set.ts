import { afterEach, beforeEach } from 'vitest';
import type { Store } from '../../src/store/mongo/connection.ts';
import { openReplicaSet, type ReplicaSet } from './replica-set/replica-set.ts';

/**
 * Opens a simulated replica set for each test of a file.
 *
 * @param give  hands the set of a test to the file
 * @returns has a store closed with the test, before the set
 */
export function eachWithReplicaSet(give: (set: ReplicaSet) => void) {
  let set: ReplicaSet;
  let stores: Store[];
  beforeEach(async () => {
    set = await openReplicaSet();
    stores = [];
    give(set);
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    await set.close();
  });
  return <S extends Store>(store: S): S => {
    stores.push(store);
    return store;
  };
}
