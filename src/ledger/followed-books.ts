import type { mongo } from 'mongoose';
import type { Store } from '../store/connection.ts';

/** A book that is still to be followed, and the number of the last document that was. */
export interface FollowedBook {
  readonly _id: string;
  readonly n: number;
}

export type FollowedCollection = mongo.Collection<FollowedBook>;
export type FollowedBooks = ReturnType<typeof createFollowedBooks>;

/** How far each book was followed, from before its first entry until it is followed to its seal. */
export const createFollowedBooks = (
  collection: FollowedCollection,
  { write, read }: Pick<Store, 'write' | 'read'>,
) => ({
  /** Doing it again changes nothing. */
  async begin(book: string): Promise<void> {
    await collection.updateOne({ _id: book }, { $setOnInsert: { n: 0 } }, { upsert: true, writeConcern: write });
  },

  find: (): Promise<FollowedBook[]> => collection.find({}, { ...read, sort: { _id: 1 } }).toArray(),

  /** Moves on in a book. A number that is behind what is on record changes nothing, nor does a book that is done with. */
  async advance(book: string, n: number): Promise<void> {
    await collection.updateOne({ _id: book }, { $max: { n } }, { writeConcern: write });
  },

  async end(book: string): Promise<void> {
    await collection.deleteOne({ _id: book }, { writeConcern: write });
  },
});
