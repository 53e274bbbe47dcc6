import { type Access, collectionOf } from '../collections.ts';

/** A property of the whole database. */
interface MarkRecord {
  readonly _id: string;
  readonly since: Date;
}

export const MARKS = 'gateway_marks';

export function createMarks({ connection, read, write }: Access) {
  const collection = collectionOf<MarkRecord>(connection, MARKS);

  return {
    has: async (id: string): Promise<boolean> => (await collection.findOne({ _id: id }, read)) !== null,

    /** An existing mark stays unchanged. */
    async set({ _id, since }: MarkRecord): Promise<void> {
      await collection.updateOne({ _id }, { $setOnInsert: { since } }, { upsert: true, writeConcern: write });
    },
  };
}
