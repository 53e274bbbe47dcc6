import mongoose, { type mongo } from 'mongoose';
import type { Store } from './connection.ts';

/** Some documents of one collection, each as the database has it: every number and date keeps its type. */
export interface Documents {
  readonly collection: string;
  readonly documents: readonly mongo.BSON.Document[];
}

const { BSON } = mongoose.mongo;

const TOGETHER_BYTES = 1_000_000;
const AS_STORED = { promoteValues: false, promoteLongs: false, promoteBuffers: false } as const;

export const encodeDocuments = (some: Documents): Buffer => Buffer.from(BSON.serialize(some));

export const decodeDocuments = (bytes: Buffer): Documents => {
  const { collection, documents } = BSON.deserialize(bytes, AS_STORED);
  return { collection: String(collection), documents };
};

const collectionsOf = async (database: mongo.Db): Promise<string[]> => {
  const found = await database.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
  return found.map(({ name }) => name).sort();
};

async function* batchesOf(cursor: AsyncIterable<mongo.BSON.Document>): AsyncGenerator<mongo.BSON.Document[]> {
  let batch: mongo.BSON.Document[] = [];
  let bytes = 0;
  for await (const document of cursor) {
    batch.push(document);
    bytes += BSON.calculateObjectSize(document);
    if (bytes < TOGETHER_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Gives every document of some collections to `work`. On a replica set and a cluster all are of one instant, however long
 * it takes, within the time for which the server keeps snapshots; elsewhere nobody else may write meanwhile.
 *
 * @param isWanted  tells the collections by their names
 */
export const withDocuments = <Result>(
  { patiently, write }: Pick<Store, 'patiently' | 'write'>,
  isWanted: (collection: string) => boolean,
  work: (documents: AsyncGenerator<Documents>) => Promise<Result>,
): Promise<Result> =>
  patiently(async (database) => {
    const session = write.w === 'majority' ? database.client.startSession({ snapshot: true }) : undefined;
    const names = (await collectionsOf(database)).filter(isWanted);
    async function* read(): AsyncGenerator<Documents> {
      for (const collection of names) {
        const found = database.collection(collection).find({}, { ...AS_STORED, ...(session && { session }) });
        for await (const documents of batchesOf(found)) yield { collection, documents };
      }
    }
    try {
      return await work(read());
    } finally {
      await session?.endSession();
    }
  });

/** Puts documents into the database, as they are. */
export async function addDocuments(
  { connection, write }: Pick<Store, 'connection' | 'write'>,
  { collection, documents }: Documents,
): Promise<void> {
  const settings = { writeConcern: write, ordered: false };
  await connection
    .getClient()
    .db(connection.name)
    .collection(collection)
    .insertMany([...documents], settings);
}

/** A collection that holds something; null where the database is empty. */
export const findFilled = ({ patiently }: Pick<Store, 'patiently'>): Promise<string | null> =>
  patiently(async (database) => {
    for (const name of await collectionsOf(database))
      if (await database.collection(name).findOne({}, { projection: { _id: 1 } })) return name;
    return null;
  });
