import { createPersonLedger, type PersonEntry } from '../../src/ledger/chain/person-chain.ts';
import { findActs } from '../../src/subject/acts.ts';
import { peopleIn } from './people.ts';
import type { TestStore } from './store.ts';

/** The acts of a person in the ledger, the oldest first. */
export async function actsOf(store: TestStore, publicId: string): Promise<PersonEntry[]> {
  const people = await peopleIn(store).findByPublicIds([publicId]);
  const [acts = []] = await findActs(createPersonLedger(store), people, {});
  return acts.reverse();
}
