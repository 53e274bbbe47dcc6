import { collectionOf, PEOPLE } from '../ledger/collections.ts';
import { reshard } from '../store/sharding.ts';
import type { PersonDocument } from '../subject/model.ts';
import { PUBLIC_IDS } from '../subject/public-ids.ts';
import { dropIndex } from './drop.ts';
import type { Step } from './step.ts';

const BATCH = 500;
/** What no two people could have, in the earlier form. */
const UNIQUE_IDS = 'publicId_1';

/** Partners’ ids of people hold internal ids: by those people are spread over shards, so that one shard is asked for one. */
export const setPublicIdsApart: Step = {
  id: 'public-ids-2026-12',
  says: 'People are spread by their internal ids, and the ids of tokens lead there from a collection of their own.',
  run: async ({ store }) => {
    const { connection, read, write } = store;
    const people = collectionOf<PersonDocument>(connection, PEOPLE);
    const publicIds = collectionOf<{ readonly _id: string }>(connection, PUBLIC_IDS);
    let changed = 0;
    for (let after = ''; ; ) {
      const page = { ...read, sort: { _id: 1 }, limit: BATCH, projection: { publicId: 1 } } as const;
      const some = await people.find({ _id: { $gt: after } }, page).toArray();
      const last = some.at(-1);
      if (!last) break;
      const operations = some.map(({ _id: sid, publicId }) => ({
        updateOne: { filter: { _id: publicId }, update: { $setOnInsert: { sid } }, upsert: true },
      }));
      const { upsertedCount } = await publicIds.bulkWrite(operations, { writeConcern: write, ordered: false });
      changed += upsertedCount;
      after = last._id;
    }
    // a cluster does not spread by a key that leaves a unique index without it
    await dropIndex(collectionOf(connection, PEOPLE), UNIQUE_IDS);
    await reshard(store, { name: PEOPLE, indexes: [], shardKey: { _id: 1 } });
    return changed;
  },
};
