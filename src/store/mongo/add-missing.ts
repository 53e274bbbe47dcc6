import type { mongo } from 'mongoose';
import type { Access } from './collections.ts';
import { isAdded } from './duplicate-key.ts';

const ATTEMPTS = 5;

/**
 * Adds the records that are missing, even if others add some at the same time; existing records stay unchanged. It
 * takes two commands, since a bulk of inserts costs the database a fraction of the same number of upserts.
 *
 * @param records  each with the whole shard key in its id; of several with one id the first counts
 * @throws {Error} if others add the same records and remove them again and again
 */
export async function addMissing<T extends { readonly _id: string }>(
  collection: mongo.Collection<T>,
  records: readonly T[],
  { read, write }: Pick<Access, 'read' | 'write'>,
): Promise<void> {
  const missing = new Map([...records].reverse().map((record) => [record._id, record]));
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const wanted = { _id: { $in: [...missing.keys()] } } as mongo.Filter<T>;
    const found = await collection.find<Pick<T, '_id'>>(wanted, { ...read, projection: { _id: 1 } }).toArray();
    for (const { _id } of found) missing.delete(_id);
    if (missing.size === 0) return;
    const news = [...missing.values()] as mongo.OptionalUnlessRequiredId<T>[];
    if (await isAdded(collection.insertMany(news, { writeConcern: write, ordered: false }))) return;
  }
  throw new Error('Others put the same records into the database and take them away, again and again.');
}
