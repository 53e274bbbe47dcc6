import { type Access, DISCLOSURE_BOOKS } from '../../store/mongo/collections.ts';
import { createBookHeads } from '../../store/mongo/repositories/book-heads.ts';
import { createBookDocuments } from '../../store/mongo/repositories/books.ts';
import { createFollowedBooks } from '../../store/mongo/repositories/followed-books.ts';
import { type Book, type BookOptions, createBook } from '../book/book.ts';
import type { DisclosureEntry } from './disclosure-entry.ts';
import { createFollower, type FollowerOptions } from './follower.ts';

export type { DisclosureEntry } from './disclosure-entry.ts';
export * from './disclosure-position.ts';
export * from './disclosure-view.ts';

/** This process's book of disclosures to third parties. */
export const createDisclosureBook = (
  options: Omit<BookOptions<DisclosureEntry>, 'books' | 'heads'> & Access,
): Book<DisclosureEntry> =>
  createBook({
    ...options,
    books: createBookDocuments(options, DISCLOSURE_BOOKS),
    heads: createBookHeads(options),
  });

/** Follows the disclosures to third parties, in the books of all processes. */
export const createDisclosureFollower = (
  options: Omit<FollowerOptions<DisclosureEntry>, 'documents' | 'progress'> & Access,
) =>
  createFollower<DisclosureEntry>({
    ...options,
    documents: createBookDocuments(options, DISCLOSURE_BOOKS),
    progress: createFollowedBooks(options),
  });
