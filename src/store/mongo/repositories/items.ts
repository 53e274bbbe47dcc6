import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

/** One of a person's endless things: the person and the time are in the clear, the rest is sealed. */
export interface ItemRecord {
  /** The person and the thing's own id, see `itemIdOf`. */
  readonly _id: string;
  readonly sid: string;
  readonly id: string;
  readonly at: Date;
  readonly sealed: string;
}

export const POSTS = 'posts';
export const TRANSACTIONS = 'transactions';
/**
 * Orders that are filled or cancelled; those that are not are facts of the person's document. What an order was billed
 * with is not among them: nobody needs it any more.
 */
export const SETTLED_ORDERS = 'filled_orders';
export const CREDITS = 'credits';

export const ITEM_LAYOUTS: readonly Layout[] = [POSTS, TRANSACTIONS, SETTLED_ORDERS, CREDITS].map((name) => ({
  ...{ name, indexes: [{ key: { sid: 1, at: -1 } }] },
  shardKey: { sid: 1 },
}));

export const itemIdOf = (sid: string, id: string): string => `${sid}:${id}`;

/** The newest `first` things of a person. */
export interface NewestOf {
  readonly sid: string;
  readonly first: number;
}

/** Where a thing stands among those of its person, the newest first. */
export type ItemPosition = Pick<ItemRecord, 'at' | '_id'>;

export type Items = ReturnType<typeof createItems>;

/** Things of one kind, which stand apart from the documents of people. */
export function createItems({ connection, read, write }: Access, name: string) {
  const collection = collectionOf<ItemRecord>(connection, name);
  const settings = { writeConcern: write };

  return {
    find: (sid: string, id: string): Promise<ItemRecord | null> =>
      collection.findOne({ _id: itemIdOf(sid, id), sid }, read),

    /** All of a person's, the newest first. */
    findAll: (sid: string): Promise<ItemRecord[]> =>
      collection.find({ sid }, { ...read, sort: { at: -1, _id: 1 } }).toArray(),

    /** One command for any number of people: the newest of each. */
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

    /** The newest of a person that stand behind a position. */
    findAfter: (sid: string, { at, _id }: ItemPosition, limit: number): Promise<ItemRecord[]> =>
      collection
        .find(
          { sid, $or: [{ at: { $lt: at } }, { at, _id: { $gt: _id } }] },
          { ...read, sort: { at: -1, _id: 1 }, limit },
        )
        .toArray(),

    /** The people that have any: as good as counts need it, not as decisions do. */
    async *findOwners(): AsyncGenerator<string> {
      const settings = { readPreference: read.readPreference };
      for await (const { _id } of collection.aggregate<{ _id: string }>([{ $group: { _id: '$sid' } }], settings))
        yield _id;
    },

    /** Those of these places that are there. */
    findPlaces: (places: readonly Pick<ItemRecord, '_id' | 'sid'>[]): Promise<ItemRecord[]> =>
      collection
        .find({ _id: { $in: places.map(({ _id }) => _id) }, sid: { $in: places.map(({ sid }) => sid) } })
        .toArray(),

    /** The people and the ids of all that these people have. */
    findIds: (sids: readonly string[]): Promise<Pick<ItemRecord, 'sid' | 'id'>[]> =>
      collection.find({ sid: { $in: sids } }, { ...read, projection: { sid: 1, id: 1 } }).toArray(),

    /** @returns false where the person has a thing of this id already: that one stays */
    add: (item: ItemRecord): Promise<boolean> => isAdded(collection.insertOne(item, settings)),

    /** @returns false where a person has a thing of one of these ids already: that one stays, and the others are added */
    addAll: (items: readonly ItemRecord[]): Promise<boolean> =>
      isAdded(collection.insertMany([...items], { ...settings, ordered: false })),

    /** Puts a thing in its place, once. */
    async put({ _id, sid, ...item }: ItemRecord): Promise<void> {
      await collection.updateOne({ _id, sid }, { $setOnInsert: item }, { ...settings, upsert: true });
    },

    /** The same, and @returns the thing that has the place: of several at once, the first */
    async keepFirst({ _id, sid, ...item }: ItemRecord): Promise<ItemRecord> {
      const kept = await collection.findOneAndUpdate(
        { _id, sid },
        { $setOnInsert: item },
        { ...settings, upsert: true, returnDocument: 'after' },
      );
      return kept as ItemRecord;
    },

    /** Puts things in the place of those before, in no order. */
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

    /** @returns how many of them were there */
    async forget(sid: string, ids: readonly string[]): Promise<number> {
      const { deletedCount } = await collection.deleteMany({ sid, id: { $in: [...ids] } }, settings);
      return deletedCount;
    },

    async forgetAll(sid: string): Promise<void> {
      await collection.deleteMany({ sid }, settings);
    },
  };
}
