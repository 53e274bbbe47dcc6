import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';

/** A code of one person that makes another person the other end of a tie. */
export interface TieCodeRecord {
  /** The mark of the code; the code itself is not stored. */
  readonly _id: string;
  readonly kind: string;
  /** The person that made it. */
  readonly sid: string;
  /** The intended end of this person. */
  readonly end: 'HOLDER' | 'SUBJECT' | 'PEER';
  readonly expiresAt: Date;
}

const TIE_CODES = 'tie_codes';

export const TIE_CODES_LAYOUT: Layout = {
  name: TIE_CODES,
  indexes: [{ key: { sid: 1 } }, { key: { expiresAt: 1 } }],
  shardKey: null,
};

export function createTieCodeRecords({ connection, read, write }: Access) {
  const collection = collectionOf<TieCodeRecord>(connection, TIE_CODES);
  const settings = { writeConcern: write };

  return {
    async add(code: TieCodeRecord): Promise<void> {
      await collection.insertOne(code, settings);
    },

    find: (_id: string): Promise<TieCodeRecord | null> => collection.findOne({ _id }, read),

    countOpen: (sid: string, now: Date): Promise<number> =>
      collection.countDocuments({ sid, expiresAt: { $gt: now } }, read),

    /** Deletes a code. @returns whether this call deleted it: of several calls at once, one does */
    use: async (_id: string): Promise<boolean> => (await collection.deleteOne({ _id }, settings)).deletedCount === 1,

    async forget(sid: string): Promise<void> {
      await collection.deleteMany({ sid }, settings);
    },

    async dropExpired(now: Date): Promise<void> {
      await collection.deleteMany({ expiresAt: { $lte: now } }, settings);
    },
  };
}
