import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

export interface PublicIdRecord {
  /** The mark of the id, which reveals nothing of it. */
  readonly _id: string;
  /** The person's internal id. */
  readonly sid: string;
}

export const PUBLIC_IDS = 'public_ids';

/** The key makes public ids unique: no two people have the same id in tokens. */
export const PUBLIC_IDS_LAYOUT: Layout = { name: PUBLIC_IDS, indexes: [], shardKey: { _id: 1 } };

/** The internal ids of people by the marks of their public ids. */
export function createPublicIdRecords({ connection, read, write }: Access) {
  const collection = collectionOf<PublicIdRecord>(connection, PUBLIC_IDS);
  const settings = { writeConcern: write };

  return {
    /** Always one command, with or without a mark on record. */
    find: (marks: readonly string[]): Promise<PublicIdRecord[]> =>
      collection.find({ _id: { $in: marks } }, read).toArray(),

    /** @returns false if one of the marks already exists; the others are on record */
    add: (records: readonly PublicIdRecord[]): Promise<boolean> =>
      isAdded(collection.insertMany(records, { ...settings, ordered: false })),

    /** Idempotent. */
    async forget({ _id, sid }: PublicIdRecord): Promise<void> {
      await collection.deleteOne({ _id, sid }, settings);
    },
  };
}
