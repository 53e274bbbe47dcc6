import { createBlindIndex } from '../store/derive.ts';
import { inBatches } from '../store/each-alone.ts';
import { collectionOf, PEOPLE } from '../store/mongo/collections.ts';
import { PUBLIC_IDS, type PublicIdRecord } from '../store/mongo/repositories/public-ids.ts';
import { reshard } from '../store/mongo/sharding.ts';
import type { PersonDocument } from '../subject/model.ts';
import { markOfPublicId } from '../subject/public-ids.ts';
import { dropCollection } from './drop.ts';
import type { Step } from './step.ts';

const BATCH = 500;

/**
 * Shards hold people by their internal ids. Partners' ids contain these, so that a look-up of a person asks one shard.
 */
export const setPublicIdsApart: Step = {
  id: 'public-ids-2026-12',
  says: 'People are spread by their internal ids, and a collection of its own tells where the ids of tokens lead.',
  run: async ({ store, sharedSecret }) => {
    const { connection, read, write } = store;
    const settings = { writeConcern: write };
    const blindIndex = createBlindIndex(sharedSecret);
    const people = collectionOf<PersonDocument>(connection, PEOPLE);
    const publicIds = collectionOf<PublicIdRecord>(connection, PUBLIC_IDS);
    // an interrupted run may have left it, and the earlier version may have erased people since
    await dropCollection(collectionOf(connection, PUBLIC_IDS), settings);
    let changed = 0;
    for await (const some of inBatches(people.find({}, { ...read, projection: { publicId: 1 } }), BATCH)) {
      const documents = some.map(({ _id: sid, publicId }) => ({ _id: markOfPublicId(blindIndex, publicId), sid }));
      await publicIds.insertMany(documents, { ...settings, ordered: false });
      changed += documents.length;
    }
    await reshard(store, { name: PEOPLE, key: { _id: 1 }, former: { publicId: 1 }, unique: 'publicId_1' });
    return changed;
  },
};
