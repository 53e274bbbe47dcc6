import { markPresentForm } from '../migrations/form.ts';
import type { Store } from '../store/mongo/connection.ts';

/**
 * What a reset leaves: books of disclosures and audits, which only ever grow and have a writer in every gateway that
 * runs, and the secret behind the ids that partners hold.
 */
const KEPT = new Set(['disclosure_books', 'audit_books', 'book_heads', 'followed_books', 'gateway_secrets']);

/** Empties the database of people, partners and policies. Indexes stay, since a gateway may be running on them. */
export async function resetWorld(store: Pick<Store, 'connection' | 'read' | 'write'>): Promise<void> {
  const database = store.connection.getClient().db(store.connection.name);
  const collections = await database.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  for (const { name } of collections)
    if (!KEPT.has(name)) await database.collection(name).deleteMany({}, { writeConcern: store.write });
  await markPresentForm(store);
}
