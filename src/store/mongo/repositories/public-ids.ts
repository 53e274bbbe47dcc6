import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

export interface PublicIdRecord {
  /** The mark of the id; tells nothing of it. */
  readonly _id: string;
  /** The internal id that it leads to. */
  readonly sid: string;
}

export const PUBLIC_IDS = 'public_ids';

/** The id that tokens name is nobody else's. */
export const PUBLIC_IDS_LAYOUT: Layout = { name: PUBLIC_IDS, indexes: [], shardKey: { _id: 1 } };

/** Where the ids of people lead. */
export function createPublicIdRecords({ connection, read, write }: Access) {
  const collection = collectionOf<PublicIdRecord>(connection, PUBLIC_IDS);
  const settings = { writeConcern: write };

  return {
    /** In one command, whether or not a mark is on record. */
    find: (marks: readonly string[]): Promise<PublicIdRecord[]> =>
      collection.find({ _id: { $in: marks } }, read).toArray(),

    /** @returns false where one of the marks is there already; the others are on record */
    add: (records: readonly PublicIdRecord[]): Promise<boolean> =>
      isAdded(collection.insertMany(records, { ...settings, ordered: false })),

    /** Idempotent. */
    async forget({ _id, sid }: PublicIdRecord): Promise<void> {
      await collection.deleteOne({ _id, sid }, settings);
    },
  };
}
