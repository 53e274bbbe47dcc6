import { isDeepStrictEqual } from 'node:util';
import type { mongo } from 'mongoose';
import { type Key, type Layout, listIndexes } from './collection-layout.ts';
import type { Store } from './connection.ts';

/** The cluster's record of a sharded collection. */
export interface RecordedSharding {
  /** The database and the collection. */
  readonly _id: string;
  readonly key: Key;
  /** The cluster tracks the collection, but keeps it on one shard. */
  readonly unsplittable?: boolean;
}

export interface ShardingPlan {
  /** For the database `admin`, in this order. */
  readonly commands: readonly Readonly<Record<string, unknown>>[];
  /** Collections that are already spread by the right key. */
  readonly kept: readonly string[];
  /** Collections that are spread by another key: they stay as they are. */
  readonly otherwise: readonly string[];
}

const isSame = (a: Key, b: Key) => isDeepStrictEqual(Object.entries(a), Object.entries(b));

/**
 * Plans the commands that spread each collection over the shards by its layout. The indexes come first: the cluster
 * requires an index that begins with the key, and refuses a unique index that does not.
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
      // before version 6 a cluster needs this command before it spreads a collection of the database
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

/** The cluster's records of all collections; null if the database is no sharded cluster. */
export const findSharding = ({ connection }: Pick<Store, 'connection'>): Promise<RecordedSharding[] | null> =>
  readSharding(connection.getClient());

/** A collection that needs another shard key. */
export interface Resharding {
  readonly name: string;
  readonly key: Key;
  readonly former: Key;
  /** The name of the unique index over the former key; it is dropped in any case. */
  readonly unique: string;
}

const IN_THE_MEANTIME = 'former_shard_key';

/**
 * Changes the shard key of a collection. The unique index over the former key prevents that, and a cluster drops the
 * last index over a shard key only if there is another one, so that a substitute replaces it meanwhile. The time grows
 * with the data. An interrupted run can be repeated: the cluster continues its work.
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

/** @returns the plan that was carried out; null if the database is no sharded cluster */
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
