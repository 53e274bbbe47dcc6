import type { mongo } from 'mongoose';
import { type Layout, listIndexes } from '../../collection-layout.ts';
import type { Store } from '../../connection.ts';
import { type Look, look } from '../look.ts';

/** The indexes that each collection of the layout has, by its name. */
export type IndexFacts = ReadonlyMap<string, Look<readonly mongo.IndexDescriptionInfo[]>>;

export async function findIndexes(
  { connection }: Pick<Store, 'connection'>,
  layouts: readonly Layout[],
): Promise<IndexFacts> {
  const database = connection.getClient().db(connection.name);
  const found: [string, Look<readonly mongo.IndexDescriptionInfo[]>][] = [];
  for (const { name } of layouts) found.push([name, await look(() => listIndexes(database, name))]);
  return new Map(found);
}
