import type { mongo } from 'mongoose';
import type { Store } from './connection.ts';

/** A key of an index, or of what spreads a collection over shards: its paths, in order. */
export type Key = Readonly<Record<string, 1 | -1>>;

export interface Index {
  readonly key: Key;
  readonly unique?: true;
  readonly sparse?: true;
}

/** How one collection lies in the database. */
export interface Layout {
  readonly name: string;
  /** Besides the one of `_id`. */
  readonly indexes: readonly Index[];
  /** What spreads it over the shards of a cluster; null where all of it stays on one. */
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

/** A key for the report of a command: its paths, those that descend with a minus. */
export const keyText = (key: Key): string =>
  Object.entries(key)
    .map(([path, direction]) => (direction === -1 ? `-${path}` : path))
    .join(',');

/** The indexes of a collection, as the server describes them; none where there is no such collection. */
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
 * An index of a replica set is ready once a majority of the members has built it. By itself the server waits for all of
 * them, and for as long as one of them is away. A single server refuses to be told how many it is to wait for.
 */
const quorumOf = ({ write }: Builder) => (write.w === 'majority' ? { commitQuorum: 'majority' } : {});

const makeIndexes = async (database: mongo.Db, { name, indexes }: Layout, builder: Builder) => {
  if (indexes.length === 0) return;
  await database.collection(name).createIndexes(
    indexes.map((index) => ({ ...index })),
    quorumOf(builder),
  );
};

/** Makes every index that is not there yet, however long that takes over what is there. */
export async function ensureIndexes(builder: Builder, layouts: readonly Layout[]): Promise<void> {
  await builder.patiently((database) => Promise.all(layouts.map((layout) => makeIndexes(database, layout, builder))));
}

/** The same, and tells for each collection what was there and what was not. */
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
