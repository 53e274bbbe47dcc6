import type { Store } from '../store/connection.ts';
import { BOOK_HEADS, collectionOf, DISCLOSURE_BOOKS, PERSON_LEDGER } from './collections.ts';

/** The indexes of people's chains, of a person's view of the disclosures, and of the look-ups that open a book. */
export async function ensureLedgerIndexes({ connection }: Pick<Store, 'connection'>): Promise<void> {
  await Promise.all([
    collectionOf(connection, PERSON_LEDGER).createIndex({ sid: 1, n: 1 }, { unique: true }),
    collectionOf(connection, DISCLOSURE_BOOKS).createIndex({ 'entries.sid': 1, at: -1, _id: -1 }),
    collectionOf(connection, BOOK_HEADS).createIndexes([{ key: { at: -1 } }, { key: { sealed: 1, collection: 1 } }]),
  ]);
}
