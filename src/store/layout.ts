import type { Connection } from 'mongoose';

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

const collectionIn = (connection: Connection, name: string) =>
  connection.getClient().db(connection.name).collection(name);

const nameOf = (key: Key) =>
  Object.entries(key)
    .map((part) => part.join('_'))
    .join('_');

const findIndexes = async (connection: Connection, name: string): Promise<Set<string>> => {
  const found = await collectionIn(connection, name).listIndexes().toArray().catch(unlessMissing);
  return new Set(found.map(({ key }) => nameOf(key)));
};

const NAMESPACE_NOT_FOUND = 26;
const unlessMissing = (error: { readonly code?: unknown }): [] => {
  if (error.code === NAMESPACE_NOT_FOUND) return [];
  throw error;
};

/** Makes every index that is not there yet. */
export async function ensureIndexes(connection: Connection, layouts: readonly Layout[]): Promise<void> {
  await Promise.all(
    layouts
      .filter(({ indexes }) => indexes.length > 0)
      .map(({ name, indexes }) => collectionIn(connection, name).createIndexes(indexes.map((index) => ({ ...index })))),
  );
}

/** The same, and tells for each collection what was there and what was not. */
export async function prepareIndexes(
  connection: Connection,
  layouts: readonly Layout[],
): Promise<Map<string, IndexesMade>> {
  const told = new Map<string, IndexesMade>();
  for (const layout of layouts) {
    const before = await findIndexes(connection, layout.name);
    await ensureIndexes(connection, [layout]);
    const made = layout.indexes.map(({ key }) => key).filter((key) => !before.has(nameOf(key)));
    told.set(layout.name, { made, kept: layout.indexes.length - made.length });
  }
  return told;
}
