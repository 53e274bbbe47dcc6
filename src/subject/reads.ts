import type { PersonEntry, PersonLedger } from '../ledger/chain/person-chain.ts';
import type { PersonKeys } from '../store/keys.ts';
import type { Store } from '../store/mongo/connection.ts';
import { inOrder, shareReads } from '../store/shared-reads.ts';
import { findActs } from './acts.ts';
import { createContentReads } from './content.ts';
import type { PersonDocument } from './model.ts';
import type { People } from './people.ts';

/** The look-ups of people that most requests need, each one command for all requests that are at the same point. */
export const createPersonReads = ({
  store,
  people,
  keys,
  ledger,
}: {
  readonly store: Store;
  readonly people: People;
  readonly keys: PersonKeys;
  readonly ledger: PersonLedger;
}) => ({
  /** By the ids that members' tokens name; whole documents. */
  persons: shareReads<string, PersonDocument | null>(inOrder(people.findHolders, ({ publicId }) => publicId)),
  keys: shareReads<string, Buffer | null>(async (sids) => {
    const found = await keys.find(sids);
    return sids.map((sid) => found.get(sid) ?? null);
  }),
  acts: shareReads<PersonDocument, readonly PersonEntry[]>((persons) =>
    findActs(ledger, persons, { types: ['CONSENT', 'ACCEPTANCE'] }),
  ),
  content: createContentReads(store),
});
