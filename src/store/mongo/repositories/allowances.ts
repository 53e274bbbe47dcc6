import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';

/** The count of an allowance. */
interface AllowanceRecord {
  /** The mark of the allowance's key, which reveals nothing of the key. */
  readonly _id: string;
  /** At most one more than the allowance. */
  readonly count: number;
  /** The time at which the allowance is whole again. */
  readonly expiresAt: Date;
}

/** One taking of an allowance. */
export interface Taking {
  /** The size of the allowance. */
  readonly most: number;
  readonly at: Date;
  /** The time at which the allowance is whole again, if this is the first taking. */
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
    /** Takes one, in one write. @returns the number taken so far; `most + 1` if nothing was left */
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

    /** Deletes the counts of allowances that are whole again. */
    async dropWhole(now: Date): Promise<void> {
      await collection.deleteMany({ expiresAt: { $lte: now } }, settings);
    },
  };
}
