import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf, TOMBSTONES } from '../collections.ts';

/** The rest of an erased person: their used ids, and the head of their ledger. */
export interface TombstoneRecord {
  /** The internal id. */
  readonly _id: string;
  readonly head: { readonly n: number; readonly hash: string };
  /** Marks the public id of the person. */
  readonly publicIndex: string;
  readonly erasedAt: Date;
}

/** The id and the mark are both unique, and a tombstone is small: the collection stays on one shard. */
export const TOMBSTONES_LAYOUT: Layout = {
  name: TOMBSTONES,
  indexes: [{ key: { publicIndex: 1 }, unique: true }],
  shardKey: null,
};

export function createTombstoneRecords({ connection, read, write }: Access) {
  const collection = collectionOf<TombstoneRecord>(connection, TOMBSTONES);

  return {
    /** Whether a tombstone has the mark of a public id. */
    isMarked: async (mark: string): Promise<boolean> =>
      (await collection.findOne({ publicIndex: mark }, { ...read, projection: { _id: 1 } })) !== null,

    /** The tombstones with one of these marks, in one command. */
    findMarked: (marks: readonly string[]): Promise<TombstoneRecord[]> =>
      collection.find({ publicIndex: { $in: marks } }, read).toArray(),

    /** Idempotent. */
    async put({ _id, head, publicIndex, erasedAt }: TombstoneRecord): Promise<void> {
      const tombstone = { head, publicIndex, erasedAt };
      await collection.updateOne({ _id }, { $set: tombstone }, { upsert: true, writeConcern: write });
    },
  };
}
