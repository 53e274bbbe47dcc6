import type { Layout } from '../collection-layout.ts';
import { type Access, BOOK_HEADS, collectionOf } from '../collections.ts';
import { isDuplicateKey } from '../duplicate-key.ts';

/** The end of a book when its writer last published it. The book may be longer by now, never shorter. */
export interface BookHead {
  /** The book. */
  readonly _id: string;
  /** The collection that the book is in. */
  readonly collection: string;
  readonly n: number;
  readonly hash: string;
  readonly sealed: boolean;
  readonly at: string;
}

export const BOOK_HEADS_LAYOUT: Layout = {
  name: BOOK_HEADS,
  indexes: [{ key: { at: -1 } }, { key: { sealed: 1, collection: 1 } }],
  shardKey: null,
};

export type BookHeads = ReturnType<typeof createBookHeads>;

/** The heads of all books of all processes, kept apart from the books so that a cut tail shows. */
export function createBookHeads({ connection, read, write }: Access) {
  const collection = collectionOf<BookHead>(connection, BOOK_HEADS);

  return {
    /** Moves a book's head forward. A head behind the one on record changes nothing. */
    async publish({ _id, ...head }: BookHead): Promise<void> {
      try {
        await collection.updateOne({ _id, n: { $lt: head.n } }, { $set: head }, { upsert: true, writeConcern: write });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    /** The heads that moved last. */
    findRecent: (limit: number): Promise<BookHead[]> =>
      collection.find({}, read).sort({ at: -1 }).limit(limit).toArray(),

    /** The heads of the books of a collection that are not sealed. */
    findUnsealed: (books: string): Promise<BookHead[]> =>
      collection.find({ collection: books, sealed: false }, read).toArray(),
  };
}
