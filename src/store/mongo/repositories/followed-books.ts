import { type Access, collectionOf, FOLLOWED_BOOKS } from '../collections.ts';

/** A book that is not followed to its end yet, and the number of the last document that was followed. */
export interface FollowedBook {
  readonly _id: string;
  readonly n: number;
}

export type FollowedBooks = ReturnType<typeof createFollowedBooks>;

/** The progress of each book, from before its first entry until it was followed to its seal. */
export function createFollowedBooks({ connection, read, write }: Access) {
  const collection = collectionOf<FollowedBook>(connection, FOLLOWED_BOOKS);

  return {
    /** Doing it again changes nothing. */
    async begin(book: string): Promise<void> {
      await collection.updateOne({ _id: book }, { $setOnInsert: { n: 0 } }, { upsert: true, writeConcern: write });
    },

    find: (): Promise<FollowedBook[]> => collection.find({}, { ...read, sort: { _id: 1 } }).toArray(),

    /** Moves on in a book. A number behind the one on record changes nothing, and a finished book stays finished. */
    async advance(book: string, n: number): Promise<void> {
      await collection.updateOne({ _id: book }, { $max: { n } }, { writeConcern: write });
    },

    async end(book: string): Promise<void> {
      await collection.deleteOne({ _id: book }, { writeConcern: write });
    },
  };
}
