import type { Connection } from 'mongoose';
import { type Book, type BookOptions, createBook } from '../book/book.ts';
import { BOOK_HEADS, collectionOf, DISCLOSURE_BOOKS, FOLLOWED_BOOKS } from '../collections.ts';
import type { DisclosureEntry } from './disclosure-entry.ts';
import { createFollower, type FollowerOptions } from './follower.ts';

export type { DisclosureEntry } from './disclosure-entry.ts';
export * from './disclosure-position.ts';
export * from './disclosure-view.ts';

/** This process's book of what third parties were shown. */
export const createDisclosureBook = ({
  connection,
  ...options
}: Omit<BookOptions<DisclosureEntry>, 'collection' | 'heads'> & { connection: Connection }): Book<DisclosureEntry> =>
  createBook({
    ...options,
    collection: collectionOf(connection, DISCLOSURE_BOOKS),
    heads: collectionOf(connection, BOOK_HEADS),
  });

/** Follows what third parties were shown, in the books of all processes. */
export const createDisclosureFollower = ({
  connection,
  ...options
}: Omit<FollowerOptions<DisclosureEntry>, 'collection' | 'followed'> & { connection: Connection }) =>
  createFollower<DisclosureEntry>({
    ...options,
    collection: collectionOf(connection, DISCLOSURE_BOOKS),
    followed: collectionOf(connection, FOLLOWED_BOOKS),
  });
