import type { Layout } from '../collection-layout.ts';
import { type Access, AUDIT_BOOKS, collectionOf, DISCLOSURE_BOOKS } from '../collections.ts';
import { isDuplicateKey } from '../duplicate-key.ts';

/** The place of a document: in a book, by its number there. */
export interface Place {
  readonly book: string;
  readonly n: number;
}

/** The parts of a book's document that its commands name. */
export interface StoredDocument {
  readonly _id: Place;
  readonly hash: string;
}

export const DISCLOSURE_BOOKS_LAYOUT: Layout = {
  name: DISCLOSURE_BOOKS,
  indexes: [{ key: { 'entries.sids': 1, at: -1, _id: -1 } }],
  // the book, then the number: only one process can write a place
  shardKey: { _id: 1 },
};
export const AUDIT_BOOKS_LAYOUT: Layout = { name: AUDIT_BOOKS, indexes: [], shardKey: { _id: 1 } };

const LAST = Number.MAX_SAFE_INTEGER;

/** Every document of one book, by the index that each collection has. */
export const ofBook = (book: string) => ({ _id: { $gte: { book, n: 0 }, $lte: { book, n: LAST } } });

export type BookDocuments<Document extends StoredDocument> = ReturnType<typeof createBookDocuments<Document>>;

/** The documents of the books of one collection: each is written once and never changes. */
export function createBookDocuments<Document extends StoredDocument>(
  { connection, read, write }: Access,
  name: string,
) {
  const collection = collectionOf<StoredDocument>(connection, name);

  return {
    /** The collection that the books are in. */
    name,

    /**
     * Puts a document in its place. A second call changes nothing.
     *
     * @returns false if another document holds the place
     */
    async put(document: Document): Promise<boolean> {
      try {
        await collection.insertOne(document, { writeConcern: write });
        return true;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        // the refusal waited for the write concern as well: the document in the place is on disk
        const held = await collection.findOne({ _id: document._id }, { projection: { hash: 1 }, ...read });
        if (held === null) throw error;
        return held.hash === document.hash;
      }
    },

    find: (place: Place): Promise<Document | null> => collection.findOne<Document>({ _id: place }, read),

    /** The last document of a book; null for a book that is not there. */
    findLast: (book: string): Promise<Document | null> =>
      collection.findOne<Document>(ofBook(book), { sort: { _id: -1 }, ...read }),

    /** The documents of a book that come after a number, in their order. */
    findAfter: ({ book, n }: Place, limit: number): Promise<Document[]> =>
      collection
        .find<Document>({ _id: { $gt: { book, n }, $lte: { book, n: LAST } } }, read)
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),
  };
}
