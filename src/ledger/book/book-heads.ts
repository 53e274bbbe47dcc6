import type { mongo } from 'mongoose';
import type { Store } from '../../store/mongo/connection.ts';
import { isDuplicateKey } from '../../store/mongo/duplicate-key.ts';
import type { QuotedHead } from './book-document.ts';

/** How far a book had come when its writer last said so. The book may be longer by now, never shorter. */
export interface BookHead {
  readonly _id: string;
  readonly collection: string;
  readonly n: number;
  readonly hash: string;
  readonly sealed: boolean;
  readonly at: string;
}

export type HeadCollection = mongo.Collection<BookHead>;
export type BookHeads = ReturnType<typeof createBookHeads>;

/** The heads of all books of all processes, kept apart from the books so that a cut tail shows. */
export const createBookHeads = (collection: HeadCollection, { write, read }: Pick<Store, 'write' | 'read'>) => ({
  /** Moves a book's head forward. One that is behind what is on record changes nothing. */
  async publish({ _id, ...head }: BookHead): Promise<void> {
    try {
      await collection.updateOne({ _id, n: { $lt: head.n } }, { $set: head }, { upsert: true, writeConcern: write });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  },

  /** The heads that moved last, for quoting. */
  async findRecent(limit: number): Promise<QuotedHead[]> {
    const found = await collection.find({}, read).sort({ at: -1 }).limit(limit).toArray();
    return found.map(({ _id: book, collection, n, hash }) => ({ book, collection, n, hash }));
  },

  findUnsealed: (books: string): Promise<BookHead[]> =>
    collection.find({ collection: books, sealed: false }, read).toArray(),
});
