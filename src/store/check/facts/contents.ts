import type { Store } from '../../connection.ts';
import { OWN_PREFIX } from './own-collection.ts';

/** Whether no collection of the database holds a document. */
export async function isEmpty({ connection, read }: Pick<Store, 'connection' | 'read'>): Promise<boolean> {
  const database = connection.getClient().db(connection.name);
  const listed = await database.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  const names = listed
    .map(({ name }) => name)
    .filter((name) => !/^system\./.test(name) && !name.startsWith(OWN_PREFIX));
  for (const name of names)
    if (await database.collection(name).findOne({}, { ...read, projection: { _id: 1 } })) return false;
  return true;
}
