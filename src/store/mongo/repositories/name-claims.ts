import type { mongo } from 'mongoose';
import { addMissing } from '../add-missing.ts';
import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';
import { eachFound } from '../each-found.ts';

export interface NameClaimRecord {
  /** Marks a name, or what a name looks like; tells nothing of it. */
  readonly _id: string;
  /** Marks the id of the only person that may have the name, registered or not yet; missing once that person is erased. */
  readonly holder?: string;
}

const NAME_CLAIMS = 'name_claims';

/** The id is the mark of a name, which one person alone may have. */
export const NAME_CLAIMS_LAYOUT: Layout = {
  name: NAME_CLAIMS,
  indexes: [{ key: { holder: 1 }, sparse: true }],
  shardKey: { _id: 1 },
};

const upsert = (filter: mongo.Filter<NameClaimRecord>, holder: string) => ({
  updateOne: { filter, update: { $setOnInsert: { holder } }, upsert: true },
});

/** The names that are given out, each to one holder. */
export function createNameClaimRecords(access: Access) {
  const { connection, read, write } = access;
  const collection = collectionOf<NameClaimRecord>(connection, NAME_CLAIMS);
  const settings = { writeConcern: write };

  return {
    find: (ids: readonly string[]): Promise<NameClaimRecord[]> =>
      collection.find({ _id: { $in: ids } }, read).toArray(),

    /**
     * Claims all of these in their order, up to the first that somebody else has. Idempotent.
     *
     * @returns false where a claim was there that was not the holder's, or came there meanwhile
     */
    claim: (ids: readonly string[], holder: string): Promise<boolean> =>
      isAdded(
        collection.bulkWrite(
          ids.map((_id) => upsert({ _id, holder }, holder)),
          { ...settings, ordered: true },
        ),
      ),

    /** Claims those that nobody has; leaves the others as they are. */
    claimFree: (claims: readonly Required<NameClaimRecord>[]): Promise<void> => addMissing(collection, claims, access),

    /** Leaves every claim of a holder in place, without the holder. */
    disown: (holder: string): Promise<void> =>
      eachFound(collection, { holder }, read, (_id) =>
        collection.updateOne({ _id, holder }, { $unset: { holder: 1 } }, settings),
      ),
  };
}
