import type { PartnerDocument } from '../features/partners/partners.ts';
import { createRevocations } from '../features/tokens/revocations.ts';
import type { PersonEntry } from '../ledger/person-chain.ts';
import { type Read, shareReads } from '../store/shared-reads.ts';
import { findActs } from '../subject/acts.ts';
import { createContentReads } from '../subject/content.ts';
import type { PersonDocument } from '../subject/model.ts';
import type { Services } from './services.ts';

type SharedBy = Pick<Services, 'store' | 'people' | 'keys' | 'partners' | 'ledger'>;

/** Puts what was found into the order in which it was asked for; null where there is none. */
const inOrder =
  <Value>(
    find: (keys: readonly string[]) => Promise<readonly Value[]>,
    keyOf: (value: Value) => string,
  ): Read<string, Value | null> =>
  async (keys) => {
    const found = new Map((await find(keys)).map((value) => [keyOf(value), value]));
    return keys.map((key) => found.get(key) ?? null);
  };

/** The look-ups that most requests need, each one command for all requests that are at the same point. */
export const createSharedReads = ({ store, people, keys, partners, ledger }: SharedBy) => ({
  /** By the ids that members' tokens name; whole documents. */
  persons: shareReads<string, PersonDocument | null>(inOrder(people.findHolders, ({ publicId }) => publicId)),
  keys: shareReads<string, Buffer | null>(async (sids) => {
    const found = await keys.find(sids);
    return sids.map((sid) => found.get(sid) ?? null);
  }),
  partners: shareReads<string, PartnerDocument | null>(inOrder(partners.findAll, ({ _id }) => _id)),
  /** Whether each token is revoked. */
  revocations: shareReads<string, boolean>(createRevocations(store).areRevoked),
  acts: shareReads<PersonDocument, readonly PersonEntry[]>((persons) =>
    findActs(ledger, persons, { types: ['CONSENT', 'ACCEPTANCE'] }),
  ),
  content: createContentReads(store),
});
