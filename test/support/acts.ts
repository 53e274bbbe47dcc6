import { createPersonLedger, type PersonEntry } from '../../src/ledger/person-chain.ts';
import { createBlindIndex } from '../../src/store/derive.ts';
import { findActs } from '../../src/subject/acts.ts';
import { createPeople } from '../../src/subject/people.ts';
import { createPublicIds } from '../../src/subject/public-ids.ts';
import type { TestStore } from './store.ts';
import { KEYS } from './world.ts';

/** What the ledger says a person did, the oldest first. */
export async function actsOf(store: TestStore, publicId: string): Promise<PersonEntry[]> {
  const people = await createPeople(store, createPublicIds(store, createBlindIndex(KEYS.sharedSecret))).findByPublicIds(
    [publicId],
  );
  const [acts = []] = await findActs(createPersonLedger(store), people, {});
  return acts.reverse();
}
