import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

/** One item of a person's unbounded lists: the person and the time are in the clear, the rest is sealed. */
export interface ItemRecord {
  /** The person and the item's own id, see `itemIdOf`. */
  readonly _id: string;
  readonly sid: string;
  readonly id: string;
  readonly at: Date;
  readonly sealed: string;
}

export const POSTS = 'posts';
export const TRANSACTIONS = 'transactions';
/**
 * Orders that are filled or cancelled; all others are facts of the person's document. These records hold no billing
 * values: nobody needs them any more.
 */
export const SETTLED_ORDERS = 'filled_orders';
export const CREDITS = 'credits';

export const ITEM_LAYOUTS: readonly Layout[] = [POSTS, TRANSACTIONS, SETTLED_ORDERS, CREDITS].map((name) => ({
  ...{ name, indexes: [{ key: { sid: 1, at: -1 } }] },
  shardKey: { sid: 1 },
}));

export const itemIdOf = (sid: string, id: string): string => `${sid}:${id}`;

/** The newest `first` items of a person. */
export interface NewestOf {
  readonly sid: string;
  readonly first: number;
}

/** The position of an item among its person's items, the newest first. */
export type ItemPosition = Pick<ItemRecord, 'at' | '_id'>;

export type Items = ReturnType<typeof createItems>;

/** Items of one kind, apart from the documents of people. */
export function createItems({ connection, read, write }: Access, name: string) {
  const collection = collectionOf<ItemRecord>(connection, name);
  const settings = { writeConcern: write };

  return {
    find: (sid: string, id: string): Promise<ItemRecord | null> =>
      collection.findOne({ _id: itemIdOf(sid, id), sid }, read),

    /** All items of a person, the newest first. */
    findAll: (sid: string): Promise<ItemRecord[]> =>
      collection.find({ sid }, { ...read, sort: { at: -1, _id: 1 } }).toArray(),

    /** The newest items of any number of people, in one command. */
    async findNewest(requests: readonly NewestOf[]): Promise<ItemRecord[][]> {
      const limit = Math.max(1, ...requests.map(({ first }) => first));
      const found = await collection
        .aggregate<{ _id: string; items: ItemRecord[] }>(
          [
            { $match: { sid: { $in: requests.map(({ sid }) => sid) } } },
            { $group: { _id: '$sid', items: { $topN: { n: limit, sortBy: { at: -1, _id: 1 }, output: '$$ROOT' } } } },
          ],
          read,
        )
        .toArray();
      const bySid = new Map(found.map(({ _id, items }) => [_id, items]));
      return requests.map(({ sid, first }) => (bySid.get(sid) ?? []).slice(0, first));
    },

    /** The newest items of a person after a position. */
    findAfter: (sid: string, { at, _id }: ItemPosition, limit: number): Promise<ItemRecord[]> =>
      collection
        .find(
          { sid, $or: [{ at: { $lt: at } }, { at, _id: { $gt: _id } }] },
          { ...read, sort: { at: -1, _id: 1 }, limit },
        )
        .toArray(),

    /** The people with at least one item: reliable enough for counts, not for decisions. */
    async *findOwners(): AsyncGenerator<string> {
      const settings = { readPreference: read.readPreference };
      for await (const { _id } of collection.aggregate<{ _id: string }>([{ $group: { _id: '$sid' } }], settings))
        yield _id;
    },

    /** The existing items in these places. */
    findPlaces: (places: readonly Pick<ItemRecord, '_id' | 'sid'>[]): Promise<ItemRecord[]> =>
      collection
        .find({ _id: { $in: places.map(({ _id }) => _id) }, sid: { $in: places.map(({ sid }) => sid) } })
        .toArray(),

    /** The ids of all items of these people, with the people. */
    findIds: (sids: readonly string[]): Promise<Pick<ItemRecord, 'sid' | 'id'>[]> =>
      collection.find({ sid: { $in: sids } }, { ...read, projection: { sid: 1, id: 1 } }).toArray(),

    /** @returns false if the person has an item with this id: that one stays */
    add: (item: ItemRecord): Promise<boolean> => isAdded(collection.insertOne(item, settings)),

    /** @returns false if an item with one of these ids exists: that one stays, and the others are added */
    addAll: (items: readonly ItemRecord[]): Promise<boolean> =>
      isAdded(collection.insertMany([...items], { ...settings, ordered: false })),

    /** Puts an item in its place, unless one is there. */
    async put({ _id, sid, ...item }: ItemRecord): Promise<void> {
      await collection.updateOne({ _id, sid }, { $setOnInsert: item }, { ...settings, upsert: true });
    },

    /** The same. @returns the item in that place: of several calls at once, the first one's */
    async keepFirst({ _id, sid, ...item }: ItemRecord): Promise<ItemRecord> {
      const kept = await collection.findOneAndUpdate(
        { _id, sid },
        { $setOnInsert: item },
        { ...settings, upsert: true, returnDocument: 'after' },
      );
      return kept as ItemRecord;
    },

    /** Replaces items, in no order. */
    async replace(items: readonly ItemRecord[]): Promise<void> {
      if (items.length === 0) return;
      await collection.bulkWrite(
        items.map((replacement) => {
          const { _id, sid } = replacement;
          return { replaceOne: { filter: { _id, sid }, replacement, upsert: true } };
        }),
        { ...settings, ordered: false },
      );
    },

    /** @returns the number of deleted items */
    async forget(sid: string, ids: readonly string[]): Promise<number> {
      const { deletedCount } = await collection.deleteMany({ sid, id: { $in: [...ids] } }, settings);
      return deletedCount;
    },

    async forgetAll(sid: string): Promise<void> {
      await collection.deleteMany({ sid }, settings);
    },
  };
}
