import { type Access, collectionOf, FOLLOWED_BOOKS } from '../collections.ts';

/** A book that is not yet followed to its end, with the number of the last followed document. */
export interface FollowedBook {
  readonly _id: string;
  readonly n: number;
}

export type FollowedBooks = ReturnType<typeof createFollowedBooks>;

/** The progress through each book, from before its first entry until its seal. */
export function createFollowedBooks({ connection, read, write }: Access) {
  const collection = collectionOf<FollowedBook>(connection, FOLLOWED_BOOKS);

  return {
    /** A second call changes nothing. */
    async begin(book: string): Promise<void> {
      await collection.updateOne({ _id: book }, { $setOnInsert: { n: 0 } }, { upsert: true, writeConcern: write });
    },

    find: (): Promise<FollowedBook[]> => collection.find({}, { ...read, sort: { _id: 1 } }).toArray(),

    /** Moves on in a book. A smaller number changes nothing, and a finished book stays finished. */
    async advance(book: string, n: number): Promise<void> {
      await collection.updateOne({ _id: book }, { $max: { n } }, { writeConcern: write });
    },

    async end(book: string): Promise<void> {
      await collection.deleteOne({ _id: book }, { writeConcern: write });
    },
  };
}
