import type { mongo } from 'mongoose';
import type { Store } from './connection.ts';

/** A key of an index, or a shard key: its paths, in order. */
export type Key = Readonly<Record<string, 1 | -1>>;

export interface Index {
  readonly key: Key;
  readonly unique?: true;
  readonly sparse?: true;
}

/** The layout of one collection. */
export interface Layout {
  readonly name: string;
  /** The indexes besides the one of `_id`. */
  readonly indexes: readonly Index[];
  /** The key that spreads it over the shards of a cluster; null if the whole collection stays on one. */
  readonly shardKey: Key | null;
}

export interface IndexesMade {
  readonly made: readonly Key[];
  readonly kept: number;
}

const nameOf = (key: Key) =>
  Object.entries(key)
    .map((part) => part.join('_'))
    .join('_');

/** A key for the report of a command: its paths, with a minus for descending ones. */
export const keyText = (key: Key): string =>
  Object.entries(key)
    .map(([path, direction]) => (direction === -1 ? `-${path}` : path))
    .join(',');

/** The indexes of a collection, as the server describes them; none if there is no such collection. */
export const listIndexes = (database: mongo.Db, name: string): Promise<mongo.IndexDescriptionInfo[]> =>
  database.collection(name).listIndexes().toArray().catch(unlessMissing);

const findIndexes = async (database: mongo.Db, name: string): Promise<Set<string>> =>
  new Set((await listIndexes(database, name)).map(({ key }) => nameOf(key as Key)));

const NAMESPACE_NOT_FOUND = 26;
const unlessMissing = (error: { readonly code?: unknown }): [] => {
  if (error.code === NAMESPACE_NOT_FOUND) return [];
  throw error;
};

type Builder = Pick<Store, 'patiently' | 'write'>;

/**
 * The index of a replica set is ready when a majority of the members has built it. By default the server waits for all
 * members, even for one that is down. A single server refuses this option.
 */
const quorumOf = ({ write }: Builder) => (write.w === 'majority' ? { commitQuorum: 'majority' } : {});

const makeIndexes = async (database: mongo.Db, { name, indexes }: Layout, builder: Builder) => {
  if (indexes.length === 0) return;
  await database.collection(name).createIndexes(
    indexes.map((index) => ({ ...index })),
    quorumOf(builder),
  );
};

/** Makes every missing index, without a time limit. */
export async function ensureIndexes(builder: Builder, layouts: readonly Layout[]): Promise<void> {
  await builder.patiently((database) => Promise.all(layouts.map((layout) => makeIndexes(database, layout, builder))));
}

/** The same, with the existing and the new indexes of each collection as its result. */
export const prepareIndexes = (builder: Builder, layouts: readonly Layout[]): Promise<Map<string, IndexesMade>> =>
  builder.patiently(async (database) => {
    const told = new Map<string, IndexesMade>();
    for (const layout of layouts) {
      const before = await findIndexes(database, layout.name);
      await makeIndexes(database, layout, builder);
      const made = layout.indexes.map(({ key }) => key).filter((key) => !before.has(nameOf(key)));
      told.set(layout.name, { made, kept: layout.indexes.length - made.length });
    }
    return told;
  });
