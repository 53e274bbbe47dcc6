import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';

/** The count of an allowance. */
interface AllowanceRecord {
  /** Marks the key of the allowance; tells nothing of it. */
  readonly _id: string;
  /** At most one more than there is to take. */
  readonly count: number;
  /** When the whole allowance is there again. */
  readonly expiresAt: Date;
}

/** One taking of an allowance. */
export interface Taking {
  /** Of so many. */
  readonly most: number;
  readonly at: Date;
  /** When the whole allowance is there again, if this is the first taking. */
  readonly expiresAt: Date;
}

export const ALLOWANCES = 'allowances';

export const ALLOWANCES_LAYOUT: Layout = {
  name: ALLOWANCES,
  indexes: [{ key: { expiresAt: 1 } }],
  shardKey: null,
};

/** The counts of allowances, kept by the database. */
export function createAllowanceRecords({ connection, write }: Access) {
  const collection = collectionOf<AllowanceRecord>(connection, ALLOWANCES);
  const settings = { writeConcern: write };

  return {
    /** Takes one, in one write. @returns how many are taken by now, and `most + 1` where there was nothing left */
    async take(mark: string, { most, at, expiresAt }: Taking): Promise<number> {
      const isWhole = { $lte: [{ $ifNull: ['$expiresAt', at] }, at] };
      const count = { $cond: [isWhole, 1, { $min: [{ $add: ['$count', 1] }, most + 1] }] };
      const taken = await collection.findOneAndUpdate(
        { _id: mark },
        [{ $set: { count, expiresAt: { $cond: [isWhole, expiresAt, '$expiresAt'] } } }],
        { ...settings, upsert: true, returnDocument: 'after' },
      );
      return taken?.count ?? most + 1;
    },

    /** Forgets the allowances that are whole again. */
    async dropWhole(now: Date): Promise<void> {
      await collection.deleteMany({ expiresAt: { $lte: now } }, settings);
    },
  };
}
