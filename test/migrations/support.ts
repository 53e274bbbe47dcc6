import { readFile } from 'node:fs/promises';
import mongoose from 'mongoose';
import { sealBytes } from '../../src/store/aead.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { KEYS } from '../support/world.ts';

const { EJSON } = mongoose.mongo.BSON;

type Collections = Record<string, mongoose.mongo.BSON.Document[]>;

/** The database that the commit before the first migration wrote, by collection. */
export const readWritten = async (): Promise<Collections> =>
  EJSON.parse(await readFile(new URL('../fixtures/database-form-1.ejson', import.meta.url), 'utf8'), {
    relaxed: false,
  }) as Collections;

const databaseOf = ({ connection }: TestStore) => connection.getClient().db(connection.name);

const SHARED_SECRET = 'shared secret';
const { keyEncryptionKey, sharedSecret } = KEYS;

/** Puts a copy of that database into another, with the secret of its time. */
export async function fillWritten(database: mongoose.mongo.Db): Promise<void> {
  for (const [name, documents] of Object.entries(await readWritten()))
    if (documents.length > 0) await database.collection(name).insertMany(documents);
  const wrapped = sealBytes(keyEncryptionKey, SHARED_SECRET, sharedSecret);
  await database
    .collection<{ _id: string; wrapped: string }>('gateway_secrets')
    .insertOne({ _id: SHARED_SECRET, wrapped });
}

/** A store over a copy of that database. */
export async function openWritten(): Promise<TestStore> {
  const store = await openTestStore();
  await fillWritten(databaseOf(store));
  return store;
}

/** The contents of the named collections, or of all, as canonical text. */
export async function contentsOf(store: TestStore, only?: readonly string[]): Promise<Record<string, string[]>> {
  const all = await databaseOf(store).listCollections({}, { nameOnly: true }).toArray();
  const names = all.map(({ name }) => name).filter((name) => only?.includes(name) ?? true);
  const contents = await Promise.all(
    names.sort().map(async (name) => {
      const documents = await databaseOf(store).collection(name).find({}).sort({ _id: 1 }).toArray();
      return [name, documents.map((document) => EJSON.stringify(document, { relaxed: false }))] as const;
    }),
  );
  return Object.fromEntries(contents);
}
