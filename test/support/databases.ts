import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import type { Store } from '../../src/store/mongo/connection.ts';
import { mongoUri } from './mongo-uri.ts';

/** A database of the pool, which tests use one after the other. */
interface Pooled {
  readonly _id: string;
  /** The purposes of consent behind its indexes. */
  readonly consents: string;
  readonly free: boolean;
}

export interface Borrowed {
  readonly name: string;
  /** Whether the indexes were made for a test before this one. */
  readonly isIndexed: boolean;
  /** Watches whether the test changes more than documents. */
  readonly watch: (store: Store) => void;
  /** Takes every document away and frees the database for the next test; its store is closed by then. */
  readonly giveBack: () => Promise<void>;
}

/** Commands that make a database unfit for the next test. */
const RESHAPING = new Set([
  ...['collMod', 'create', 'createIndexes', 'drop', 'dropDatabase', 'dropIndexes', 'renameCollection'],
]);

let client: mongoose.mongo.MongoClient | undefined;

/** One connection for all that the tests of a worker borrow. */
const engine = () => {
  client ??= new mongoose.mongo.MongoClient(mongoUri());
  return client;
};

const pool = () => engine().db('test-pool').collection<Pooled>('databases');

const empty = async (name: string) => {
  const database = engine().db(name);
  const collections = await database.listCollections({}, { nameOnly: true }).toArray();
  await Promise.all(collections.map((collection) => database.collection(collection.name).deleteMany({})));
};

/**
 * A database without documents and with every index: an index costs far more than the documents of a test.
 *
 * @param consentPurposes  the consents of the policy that the test is under
 */
export async function borrowDatabase(consentPurposes: readonly string[]): Promise<Borrowed> {
  const consents = consentPurposes.join(' ');
  const found = await pool().findOneAndUpdate({ consents, free: true }, { $set: { free: false } });
  const name = found?._id ?? `test-${randomUUID()}`;
  let reshaped = false;
  return {
    name,
    isIndexed: found !== null,
    watch: (store) => {
      store.connection.getClient().on('commandStarted', ({ commandName }) => {
        if (RESHAPING.has(commandName)) reshaped = true;
      });
    },
    giveBack: async () => {
      if (reshaped) {
        await engine().db(name).dropDatabase();
        await pool().deleteOne({ _id: name });
        return;
      }
      await empty(name);
      await pool().replaceOne({ _id: name }, { consents, free: true }, { upsert: true });
    },
  };
}
