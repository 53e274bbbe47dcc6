import type { Connection } from 'mongoose';
import type { DataCategory, StaffRole } from '../policy/vocabulary.ts';
import { type Book, type BookOptions, createBook } from './book.ts';
import { AUDIT_BOOKS, BOOK_HEADS, collectionOf } from './collections.ts';

/** What a member of staff was shown by one response, of all the people of whom it was the same: never values. */
export interface AuditEntry {
  /** Each of them once. */
  readonly sids: readonly string[];
  readonly role: StaffRole;
  readonly purpose: string;
  readonly clauses: readonly string[];
  readonly categories: readonly DataCategory[];
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly requestId: string;
  readonly tokenId: string;
}

/** This process's book of what staff were shown. */
export const createAuditBook = ({
  connection,
  ...options
}: Omit<BookOptions, 'collection' | 'heads'> & { connection: Connection }): Book<AuditEntry> =>
  createBook({
    ...options,
    collection: collectionOf(connection, AUDIT_BOOKS),
    heads: collectionOf(connection, BOOK_HEADS),
  });
