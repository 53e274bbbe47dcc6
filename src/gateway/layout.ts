import type { Feature } from '../features/feature.ts';
import { PEOPLE, TOMBSTONES } from '../ledger/collections.ts';
import { factIndexes } from '../policy/facts.ts';
import type { Layout } from '../store/mongo/collection-layout.ts';
import { ALLOWANCES_LAYOUT } from '../store/mongo/repositories/allowances.ts';
import { BOOK_HEADS_LAYOUT } from '../store/mongo/repositories/book-heads.ts';
import { AUDIT_BOOKS_LAYOUT, DISCLOSURE_BOOKS_LAYOUT } from '../store/mongo/repositories/books.ts';
import { ITEM_LAYOUTS } from '../store/mongo/repositories/items.ts';
import { PERSON_KEYS_LAYOUT } from '../store/mongo/repositories/person-keys.ts';
import { PERSON_LEDGER_LAYOUT } from '../store/mongo/repositories/person-ledger.ts';
import { WAITING_CREDITS_LAYOUT } from '../store/mongo/repositories/waiting-credits.ts';
import { MAILBOXES } from '../subject/mailboxes.ts';
import { NAME_CLAIMS } from '../subject/name-claims.ts';
import { PUBLIC_IDS } from '../subject/public-ids.ts';
import { FOLLOWED_THREADS } from '../subject/subscriptions.ts';
import { FEATURES } from './features.ts';

/** By each fact that a list can ask for, in the order of lists. */
const personIndexes = (consentPurposes: readonly string[]) => [
  { key: { foldedName: 1 } } as const,
  { key: { 'ledger.outbox.n': 1 } } as const,
  { key: { 'ledger.untold': 1 }, sparse: true } as const,
  { key: { deletionDueAt: 1 }, sparse: true } as const,
  { key: { 'facts.acceptedVersion': 1, _id: 1 } } as const,
  { key: { 'facts.privacyCases.id': 1 } } as const,
  { key: { [FOLLOWED_THREADS]: 1, _id: 1 } } as const,
  ...factIndexes(consentPurposes).map((path) => ({ key: { [path]: 1, _id: 1 } as const })),
];

/** What every feature builds on. */
const coreLayout = (consentPurposes: readonly string[]): readonly Layout[] => [
  // internal ids of people are random, and so are those of books: ranges of them are as even as hashes
  { name: PEOPLE, indexes: personIndexes(consentPurposes), shardKey: { _id: 1 } },
  // the id that tokens name is nobody else's
  { name: PUBLIC_IDS, indexes: [], shardKey: { _id: 1 } },
  PERSON_KEYS_LAYOUT,
  PERSON_LEDGER_LAYOUT,
  ...ITEM_LAYOUTS,
  WAITING_CREDITS_LAYOUT,
  DISCLOSURE_BOOKS_LAYOUT,
  AUDIT_BOOKS_LAYOUT,
  // the id is the mark of what nobody else may have
  { name: NAME_CLAIMS, indexes: [{ key: { holder: 1 }, sparse: true }], shardKey: { _id: 1 } },
  { name: MAILBOXES, indexes: [{ key: { sid: 1 } }], shardKey: { _id: 1 } },
  BOOK_HEADS_LAYOUT,
  // both its id and its mark may be there once, and it has some bytes for each person who was erased
  { name: TOMBSTONES, indexes: [{ key: { publicIndex: 1 }, unique: true }], shardKey: null },
  ALLOWANCES_LAYOUT,
];

/**
 * Every collection that has an index besides that of its ids, or that grows with the number of people. On shards only
 * what begins with the shard key can be unique, so a collection is spread by what has to be one of its kind, or stays
 * together. Those that are not here are small, or empty again and again, and stay together as well.
 */
export const layoutOf = (consentPurposes: readonly string[]): readonly Layout[] => [
  ...coreLayout(consentPurposes),
  ...(FEATURES as readonly Feature<unknown>[]).flatMap(({ layout = [] }) => layout),
];
