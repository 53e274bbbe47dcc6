import type { mongo } from 'mongoose';
import { addMissing } from '../add-missing.ts';
import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';
import { eachFound } from '../each-found.ts';

export interface NameClaimRecord {
  /** The mark of a name, or of its look, which reveals nothing of the name. */
  readonly _id: string;
  /** Marks the id of the only person that may have the name, registered or not yet; absent after their erasure. */
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

/** The claimed names, each with one holder. */
export function createNameClaimRecords(access: Access) {
  const { connection, read, write } = access;
  const collection = collectionOf<NameClaimRecord>(connection, NAME_CLAIMS);
  const settings = { writeConcern: write };

  return {
    find: (ids: readonly string[]): Promise<NameClaimRecord[]> =>
      collection.find({ _id: { $in: ids } }, read).toArray(),

    /**
     * Claims all of these in their order, up to the first with another holder. Idempotent.
     *
     * @returns false if one of the claims had, or got meanwhile, another holder
     */
    claim: (ids: readonly string[], holder: string): Promise<boolean> =>
      isAdded(
        collection.bulkWrite(
          ids.map((_id) => upsert({ _id, holder }, holder)),
          { ...settings, ordered: true },
        ),
      ),

    /** Claims the free names; existing claims stay unchanged. */
    claimFree: (claims: readonly Required<NameClaimRecord>[]): Promise<void> => addMissing(collection, claims, access),

    /** Removes the holder from all their claims; the claims stay. */
    disown: (holder: string): Promise<void> =>
      eachFound(collection, { holder }, read, (_id) =>
        collection.updateOne({ _id, holder }, { $unset: { holder: 1 } }, settings),
      ),
  };
}
