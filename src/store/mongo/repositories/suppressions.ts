import type { Preference } from '../../../policy/vocabulary.ts';
import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';

/** The mailing lists that the last account of a mailbox had unsubscribed from. */
export interface SuppressionRecord {
  /** The mark of the mailbox: it differs from all its other marks, and reveals nothing of it. */
  readonly _id: string;
  readonly off: readonly Preference[];
}

const SUPPRESSIONS = 'suppressions';

export const SUPPRESSIONS_LAYOUT: Layout = { name: SUPPRESSIONS, indexes: [], shardKey: { _id: 1 } };

export function createSuppressionRecords({ connection, read, write }: Access) {
  const collection = collectionOf<SuppressionRecord>(connection, SUPPRESSIONS);
  const settings = { writeConcern: write };

  return {
    find: (_id: string): Promise<SuppressionRecord | null> => collection.findOne({ _id }, read),

    /** Keeps a mark and replaces the former one. */
    async keep({ _id, off }: SuppressionRecord): Promise<void> {
      await collection.replaceOne({ _id }, { off }, { ...settings, upsert: true });
    },

    async forget(_id: string): Promise<void> {
      await collection.deleteOne({ _id }, settings);
    },
  };
}
