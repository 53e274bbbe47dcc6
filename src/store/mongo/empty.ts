import type { Access } from './collections.ts';

/**
 * Removes every document of a database. Indexes stay, since a running gateway may need them.
 *
 * @param kept  the collections that stay as they are
 */
export async function emptyCollections({ connection, write }: Access, kept: ReadonlySet<string>): Promise<void> {
  const database = connection.getClient().db(connection.name);
  const collections = await database.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  for (const { name } of collections)
    if (!kept.has(name)) await database.collection(name).deleteMany({}, { writeConcern: write });
}
