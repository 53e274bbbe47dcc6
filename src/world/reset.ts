import { markPresentForm } from '../migrations/form.ts';
import { type Access, AUDIT_BOOKS, BOOK_HEADS, DISCLOSURE_BOOKS, FOLLOWED_BOOKS } from '../store/mongo/collections.ts';
import { emptyCollections } from '../store/mongo/empty.ts';
import { SECRETS } from '../store/mongo/repositories/secrets.ts';

/**
 * The collections that a reset leaves: books of disclosures and audits, which only ever grow and have a writer in every
 * gateway that runs, and the secret behind the ids that partners hold.
 */
const KEPT = new Set([DISCLOSURE_BOOKS, AUDIT_BOOKS, BOOK_HEADS, FOLLOWED_BOOKS, SECRETS]);

/** Empties the database of people, partners and policies. */
export async function resetWorld(store: Access): Promise<void> {
  await emptyCollections(store, KEPT);
  await markPresentForm(store);
}
