import { type Access, BOOK_HEADS, collectionOf, PEOPLE, PERSON_LEDGER, TOMBSTONES } from '../collections.ts';
import type { BookHead } from './book-heads.ts';
import { ofBook, type Place } from './books.ts';

/** The part of a person's document, or of a tombstone, about the chain; all of it may be malformed. */
export interface ChainHolder<Entry> {
  readonly _id: string;
  readonly head?: { readonly n: number; readonly hash: string };
  readonly outbox?: readonly Entry[];
}

interface PlacedEntry {
  readonly _id: string;
  readonly sid: string;
  readonly n: number;
}

interface PlacedDocument {
  readonly _id: Place;
  readonly hash: string;
}

// an array of strings is of type string as well
const TEXT = { $type: 'string', $not: { $type: 'array' } } as const;
/** The part of a person's document that the check of chains needs: no personal data. */
const OF_PERSON = { head: '$ledger.head', outbox: '$ledger.outbox' };
const OF_TOMBSTONE = { head: 1 };

export type Chains<Entry extends PlacedEntry, Document extends PlacedDocument> = ReturnType<
  typeof createChains<Entry, Document>
>;

/** All hash chains, as streams: for a check of everything while the gateways run. */
export function createChains<Entry extends PlacedEntry, Document extends PlacedDocument>({
  connection,
}: Pick<Access, 'connection'>) {
  const ledger = collectionOf<PlacedEntry>(connection, PERSON_LEDGER);
  const people = collectionOf<ChainHolder<Entry>>(connection, PEOPLE);
  const tombstones = collectionOf<ChainHolder<Entry>>(connection, TOMBSTONES);
  const heads = collectionOf<BookHead>(connection, BOOK_HEADS);
  const booksOf = (name: string) => collectionOf<PlacedDocument>(connection, name);

  return {
    /** Ledger entries without a person. */
    strayEntries: (): AsyncIterable<Pick<Entry, '_id'>> =>
      ledger.find<Pick<Entry, '_id'>>({ $nor: [{ sid: TEXT }] }, { projection: { _id: 1 } }),

    /** By person, each by number. */
    entries: (): AsyncIterable<Entry> => ledger.find<Entry>({ sid: TEXT }).sort({ sid: 1, n: 1 }),

    entriesOf: (sid: string): Promise<Entry[]> => ledger.find<Entry>({ sid }).sort({ n: 1 }).toArray(),

    /** In the order of internal ids, as are the erased. */
    people: (): AsyncIterable<ChainHolder<Entry>> =>
      people.find<ChainHolder<Entry>>({ _id: TEXT }, { projection: OF_PERSON }).sort({ _id: 1 }),

    erased: (): AsyncIterable<ChainHolder<Entry>> =>
      tombstones.find<ChainHolder<Entry>>({ _id: TEXT }, { projection: OF_TOMBSTONE }).sort({ _id: 1 }),

    /** The person's document and tombstone, if they exist. */
    async holdersOf(sid: string): Promise<ChainHolder<Entry>[]> {
      const person = await people.findOne<ChainHolder<Entry>>({ _id: sid }, { projection: OF_PERSON });
      const tombstone = await tombstones.findOne<ChainHolder<Entry>>({ _id: sid }, { projection: OF_TOMBSTONE });
      return [person, tombstone].filter((holder) => holder !== null);
    },

    /** Every document of a collection of books, by book and number. */
    documents: (name: string): AsyncIterable<Document> => booksOf(name).find<Document>({}).sort({ _id: 1 }),

    /** The hashes of the documents in these places, each with its place; one command. */
    hashesAt: (name: string, places: readonly Place[]): Promise<Pick<Document, '_id' | 'hash'>[]> => {
      const _id = { $in: places.map(({ book, n }) => ({ book, n })) };
      return booksOf(name)
        .find<Pick<Document, '_id' | 'hash'>>({ _id }, { projection: { hash: 1 } })
        .toArray();
    },

    /** The place of the last document of a book; null for a book that is not there. */
    async endOf(name: string, book: string): Promise<Place | null> {
      const last = await booksOf(name).findOne(ofBook(book), { sort: { _id: -1 }, projection: { _id: 1 } });
      return last?._id ?? null;
    },

    /** The published heads of all books. */
    heads: (): AsyncIterable<BookHead> => heads.find(),

    hasHead: async (book: string): Promise<boolean> => (await heads.findOne({ _id: book })) !== null,
  };
}
