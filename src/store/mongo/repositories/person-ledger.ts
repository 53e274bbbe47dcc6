import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf, PERSON_LEDGER } from '../collections.ts';
import { refusedOf } from '../duplicate-key.ts';

/** The parts of an entry for its commands. */
export interface StoredEntry {
  readonly _id: string;
  readonly sid: string;
  readonly n: number;
  readonly type: string;
  readonly hash: string;
}

/** The selection of people's entries. */
export interface EntriesAsked<Type extends string> {
  readonly types?: readonly Type[] | undefined;
  /** Only entries with a smaller number. */
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

export const PERSON_LEDGER_LAYOUT: Layout = {
  name: PERSON_LEDGER,
  indexes: [{ key: { sid: 1, n: 1 }, unique: true }],
  shardKey: { sid: 1, n: 1 },
};

const MOST_AT_ONCE = 100_000;

/** The entries of people's ledgers: each is written once and never changes. */
export function createPersonLedgerEntries<Entry extends StoredEntry>({ connection, read, write }: Access) {
  const collection = collectionOf<StoredEntry>(connection, PERSON_LEDGER);

  return {
    /**
     * Puts entries in their places. A second call changes nothing.
     *
     * @returns the first entry with its place taken by another; null if all entries are in the ledger
     */
    async put(entries: readonly Entry[]): Promise<Entry | null> {
      try {
        await collection.insertMany(entries, { ordered: false, writeConcern: write });
        return null;
      } catch (error) {
        const refused = refusedOf<Entry>(error, entries.length);
        const places = { _id: { $in: refused.map(({ _id }) => _id) }, sid: { $in: refused.map(({ sid }) => sid) } };
        const held = await collection.find(places, { projection: { hash: 1 }, ...read }).toArray();
        const hashes = new Map(held.map((entry) => [entry._id, entry.hash]));
        return refused.find((entry) => hashes.get(entry._id) !== entry.hash) ?? null;
      }
    },

    /** The entries of these people, by person and the newest first; in one command. */
    find: (sids: readonly string[], { types, before, limit }: EntriesAsked<Entry['type']> = {}): Promise<Entry[]> => {
      const wanted = {
        sid: { $in: sids },
        ...(types && { type: { $in: types } }),
        ...(before !== undefined && { n: { $lt: before } }),
      };
      // by the index of places, backwards, and in one batch if they fit into it (16 MB)
      const newest = { sort: { sid: -1, n: -1 }, batchSize: MOST_AT_ONCE } as const;
      return collection.find<Entry>(wanted, { ...newest, ...(limit !== undefined && { limit }), ...read }).toArray();
    },

    /** Every entry of a person, by number. */
    findAll: (sid: string): Promise<Entry[]> => collection.find<Entry>({ sid }, { ...read, sort: { n: 1 } }).toArray(),

    findAt: ({ _id, sid }: Pick<StoredEntry, '_id' | 'sid'>): Promise<Entry | null> =>
      collection.findOne<Entry>({ _id, sid }, read),

    /** The last entry of a type, and of a purpose if one is given. */
    findLatest: (sid: string, type: Entry['type'], purpose?: string): Promise<Entry | null> =>
      collection.findOne<Entry>({ sid, type, ...(purpose !== undefined && { purpose }) }, { sort: { n: -1 }, ...read }),
  };
}
