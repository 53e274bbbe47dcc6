import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';
import { type Key, type Layout, listIndexes } from './collection-layout.ts';
import type { Store } from './connection.ts';

/** What the cluster has on record of a collection that is spread over its shards. */
export interface RecordedSharding {
  /** The database and the collection. */
  readonly _id: string;
  readonly key: Key;
  /** That a cluster knows where it is, and keeps it together. */
  readonly unsplittable?: boolean;
}

export interface ShardingPlan {
  /** For the database `admin`, in this order. */
  readonly commands: readonly Readonly<Record<string, unknown>>[];
  /** Collections that are spread already, by the key that they should be. */
  readonly kept: readonly string[];
  /** Collections that are spread by another key: these are left as they are. */
  readonly otherwise: readonly string[];
}

const isSame = (a: Key, b: Key) => isDeepStrictEqual(Object.entries(a), Object.entries(b));

/**
 * What there is to do so that each collection is spread over the shards as its layout says. The indexes come first: the
 * cluster asks for one that begins with the key, and refuses a unique one that does not.
 */
export function planSharding(
  database: string,
  layouts: readonly Layout[],
  recorded: readonly RecordedSharding[],
): ShardingPlan {
  const keys = new Map(recorded.filter(({ unsplittable }) => !unsplittable).map(({ _id, key }) => [_id, key]));
  const wanted = layouts.flatMap(({ name, shardKey }) => {
    const place = `${database}.${name}`;
    return shardKey ? [{ name, place, key: shardKey, found: keys.get(place) }] : [];
  });
  const missing = wanted.filter(({ found }) => found === undefined);
  return {
    commands: [
      // before version 6 a cluster spreads no collection of a database that it was not told of
      ...(missing.length > 0 ? [{ enableSharding: database }] : []),
      ...missing.map(({ place, key }) => ({ shardCollection: place, key })),
    ],
    kept: wanted.filter(({ key, found }) => found && isSame(key, found)).map(({ name }) => name),
    otherwise: wanted.filter(({ key, found }) => found && !isSame(key, found)).map(({ name }) => name),
  };
}

async function readSharding(client: mongo.MongoClient): Promise<RecordedSharding[] | null> {
  const { msg } = await client.db('admin').command({ hello: 1 });
  if (msg !== 'isdbgrid') return null;
  const collections = client.db('config').collection<RecordedSharding>('collections');
  return collections.find({ dropped: { $ne: true } }).toArray();
}

/** What the cluster has on record of every collection; null where the database is no sharded cluster. */
export const findSharding = ({ connection }: Pick<Store, 'connection'>): Promise<RecordedSharding[] | null> =>
  readSharding(connection.getClient());

/** A collection that is to be spread by another key than it was. */
export interface Resharding {
  readonly name: string;
  readonly key: Key;
  readonly former: Key;
  /** The name of the unique index over the former key, which goes in any case. */
  readonly unique: string;
}

const IN_THE_MEANTIME = 'former_shard_key';

/**
 * Spreads a collection by another key where a cluster has spread it by a former one, whose unique index stands against
 * that. A cluster gives up the last index of a shard key only for another one, so one stands in for it meanwhile. It
 * takes as long as there is data, and may be cut off and run again: a cluster that is at it goes on.
 *
 * @see https://www.mongodb.com/docs/manual/reference/command/dropIndexes/
 */
export const reshard = (
  { patiently }: Pick<Store, 'patiently'>,
  { name, key, former, unique }: Resharding,
): Promise<void> =>
  patiently(async (database) => {
    const { client, databaseName } = database;
    const collection = database.collection(name);
    const recorded = (await readSharding(client)) ?? [];
    const { otherwise } = planSharding(databaseName, [{ name, indexes: [], shardKey: key }], recorded);
    const names = new Set((await listIndexes(database, name)).map((index) => index.name));
    const isBetween = otherwise.length > 0 && names.has(unique);
    if (isBetween) await collection.createIndex({ ...former, _id: 1 }, { name: IN_THE_MEANTIME });
    if (names.has(unique)) await collection.dropIndex(unique);
    if (otherwise.length > 0)
      await client.db('admin').command({ reshardCollection: `${databaseName}.${name}`, key: { ...key } });
    if (isBetween || names.has(IN_THE_MEANTIME)) await collection.dropIndex(IN_THE_MEANTIME);
  });

/** @returns what was done; null where the database is no sharded cluster */
export async function prepareSharding(
  { connection }: Pick<Store, 'connection'>,
  layouts: readonly Layout[],
): Promise<ShardingPlan | null> {
  const client = connection.getClient();
  const recorded = await readSharding(client);
  if (recorded === null) return null;
  const admin = client.db('admin');
  const plan = planSharding(connection.name, layouts, recorded);
  for (const command of plan.commands) await admin.command(command);
  return plan;
}
