import type { mongo } from 'mongoose';
import type { Store } from './connection.ts';

/**
 * Writes each document that a search finds, by its id. A bulk write without the shard key goes to every shard, and may
 * miss a document that moves between shards meanwhile; a write by id does not.
 *
 * @see https://jira.mongodb.org/browse/SERVER-20361
 */
export async function eachFound<T extends { readonly _id: string }>(
  collection: mongo.Collection<T>,
  filter: mongo.Filter<T>,
  read: Store['read'],
  work: (_id: T['_id']) => Promise<unknown>,
): Promise<void> {
  const found = await collection.find<Pick<T, '_id'>>(filter, { ...read, projection: { _id: 1 } }).toArray();
  for (const { _id } of found) await work(_id);
}
