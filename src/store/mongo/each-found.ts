import type { mongo } from 'mongoose';
import type { Store } from './connection.ts';

/**
 * Does something to each document that a search finds, by its id. A write of many that does not name the shard key goes to
 * every shard, and may miss a document that moves from one to another meanwhile; one by the id of a document does not.
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
