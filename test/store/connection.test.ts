import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { isUnavailable, openStore, type Store, type StoreOptions } from '../../src/store/mongo/connection.ts';
import { crash, createDisk, until } from '../support/engines.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openTestStore, quiet } from '../support/store.ts';

const disk = createDisk();
const opened: Store[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});
afterAll(() => disk.clear());

const open = async (options: Omit<StoreOptions, 'log'>) => {
  const store = await openStore({ ...options, log: quiet });
  opened.push(store);
  return store;
};
const notes = (store: Store) => store.connection.collection<{ _id: string }>('notes');
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

// an engine that cannot be opened again: its data directory is out of reach
const takeAway = async (dataDir: string) => {
  const data = path.join(dataDir, 'mongodb');
  await rename(data, `${data}-away`);
  await writeFile(data, '');
  return async () => {
    await rm(data);
    await rename(`${data}-away`, data);
  };
};

test('a single server is written to with its journal and read as it is', async () => {
  const store = await openTestStore();
  const { embedded, write, read } = store;
  expect({ embedded, write, read }).toEqual({
    embedded: false,
    write: { w: 1, j: true },
    read: { readPreference: 'primary', readConcern: { level: 'local' }, maxTimeMS: 5_000 },
  });
  await store.drop();
});

test('a write that names no write concern has the one of the store', async () => {
  const store = await openTestStore();
  const concerns: unknown[] = [];
  store.connection.getClient().on('commandStarted', ({ command }) => concerns.push(command.writeConcern));
  await notes(store).insertOne({ _id: 'a' });
  expect(concerns).toEqual([{ w: 1, j: true }]);
  await store.drop();
});

test.each([
  { name: 'none named', path: '/', expected: 'assent' },
  { name: 'one in the address', path: '/of-address', expected: 'of-address' },
  { name: 'one in the address and one given', path: '/of-address', database: 'given', expected: 'given' },
])('the database with $name is $expected', async ({ path, expected, ...given }) => {
  const uri = mongoUri().replace('/?', `${path}?`);
  const store = await open({ uri, dataDir: await disk.dir(), ...given });
  expect(store.connection.name).toBe(expected);
});

test('a store without an address is embedded, and its data is there when it is opened again', async () => {
  const dataDir = await disk.dir();
  const first = await open({ dataDir });
  expect({ embedded: first.embedded, name: first.connection.name }).toEqual({ embedded: true, name: 'assent' });
  await notes(first).insertOne({ _id: 'kept' });
  await first.close();
  const second = await open({ dataDir });
  expect(await notes(second).findOne({})).toEqual({ _id: 'kept' });
});

test('a query over its time limit is unavailable', async () => {
  const store = await openTestStore();
  await notes(store).insertMany(Array.from({ length: 2_000 }, (_, n) => ({ _id: `${n}` })));
  const sum = { $sum: { $map: { input: { $range: [0, 500] }, in: '$$this' } } };
  const slow = notes(store).find({ $expr: { $lt: [sum, 0] } }, { maxTimeMS: 5 });
  expect(isUnavailable(await errorOf(slow.toArray()))).toBe(true);
  await store.drop();
});

test('while the engine cannot be had, requests fail fast as unavailable; then the same store works again', async () => {
  const dataDir = await disk.dir();
  const store = await open({ dataDir });
  await notes(store).insertOne({ _id: 'before' });
  await crash(dataDir);
  const giveBack = await takeAway(dataDir);

  const start = performance.now();
  const errors = await Promise.all([
    errorOf(notes(store).insertOne({ _id: 'lost' })),
    errorOf(notes(store).findOne({ _id: 'before' })),
    errorOf(notes(store).insertMany([{ _id: 'lost too' }])),
  ]);
  expect(errors.map(isUnavailable)).toEqual([true, true, true]);
  expect(performance.now() - start).toBeLessThan(3_500);
  const pinged = performance.now();
  expect(await store.ping()).toBe(false);
  expect(performance.now() - pinged).toBeLessThan(1_500);

  await giveBack();
  await until(() => store.ping());
  await notes(store).insertOne({ _id: 'after' });
  const ids = await notes(store).distinct('_id');
  expect(ids).toEqual(['after', 'before']);
});

test('no acknowledged write is lost when the engine is killed, and a write cut off is unavailable', async () => {
  const dataDir = await disk.dir();
  const store = await open({ dataDir });
  const acknowledged: string[] = [];
  const errors: unknown[] = [];
  let writing = true;
  const writer = async (name: string) => {
    for (let n = 0; writing; n++) {
      const _id = `${name}-${n}`;
      await notes(store)
        .insertOne({ _id })
        .then(
          () => acknowledged.push(_id),
          (error: unknown) => errors.push(error),
        );
    }
  };
  const writers = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(writer);
  for (const round of [1, 2, 3]) {
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + 100 * round);
    await crash(dataDir);
    await until(() => store.ping());
  }
  writing = false;
  await Promise.all(writers);

  const found = new Set(await notes(store).distinct('_id'));
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.filter((error) => !isUnavailable(error))).toEqual([]);
});
