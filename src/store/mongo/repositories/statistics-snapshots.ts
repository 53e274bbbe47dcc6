import { type Access, collectionOf } from '../collections.ts';

/** The state of a table at the beginning of a day, in a document of its own with a bounded size. */
export interface SnapshotRecord {
  /** The day is UTC. */
  readonly _id: { readonly day: string; readonly table: string };
  readonly cells: readonly { readonly key: string; readonly count: number }[];
}

export const SNAPSHOTS = 'statistics_snapshots';

export function createStatisticsSnapshots({ connection, read, write }: Access) {
  const collection = collectionOf<SnapshotRecord>(connection, SNAPSHOTS);

  return {
    find: (_id: SnapshotRecord['_id']): Promise<SnapshotRecord | null> => collection.findOne({ _id }, read),

    /** Keeps the tables of a day; an existing one stays. */
    async keep(snapshots: readonly SnapshotRecord[]): Promise<void> {
      await collection.bulkWrite(
        snapshots.map(({ _id, cells }) => ({
          updateOne: { filter: { _id }, update: { $setOnInsert: { cells } }, upsert: true },
        })),
        { ordered: false, writeConcern: write },
      );
    },

    async dropBefore(day: string): Promise<void> {
      await collection.deleteMany({ '_id.day': { $lt: day } }, { writeConcern: write });
    },
  };
}
