import { markPresentForm } from '../migrations/form.ts';
import { type Access, AUDIT_BOOKS, BOOK_HEADS, DISCLOSURE_BOOKS, FOLLOWED_BOOKS } from '../store/mongo/collections.ts';
import { emptyCollections } from '../store/mongo/empty.ts';
import { SECRETS } from '../store/mongo/repositories/secrets.ts';

/**
 * The collections that a reset keeps. Books of disclosures and audits are append-only, and every running gateway writes
 * one. The secrets are the base of the ids that partners hold.
 */
const KEPT = new Set([DISCLOSURE_BOOKS, AUDIT_BOOKS, BOOK_HEADS, FOLLOWED_BOOKS, SECRETS]);

/** Removes people, partners and policies from the database. */
export async function resetWorld(store: Access): Promise<void> {
  await emptyCollections(store, KEPT);
  await markPresentForm(store);
}
