import { afterEach, beforeEach, expect, test } from 'vitest';
import { layoutOf } from '../../src/gateway/layout.ts';
import { runCommand } from '../support/command.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { wordsWith } from '../support/words.ts';

let store: TestStore;
beforeEach(async () => {
  store = await openTestStore();
});
afterEach(() => store.drop());

const prepare = (args = ['prepare'], env: Record<string, string> = {}) =>
  runCommand('store', args, { env: { MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`), ...env } });

const indexesOf = async (name: string) =>
  (await store.connection.getClient().db(store.connection.name).collection(name).indexes()).map(({ key }) => key);

test('every index is made, and the modes of writes and reads are told; a second run makes nothing', async () => {
  const first = await prepare();
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/^writes +w: 1, j: true$/m);
  expect(first.stdout).toMatch(/^facts are read +primary, local, at most 5000 ms$/m);
  expect(first.stdout).toMatch(/^shard keys +none are set/m);
  expect(first.stdout).toMatch(/^person_ledger +0 were there +1 made +sid,n$/m);
  for (const { name, indexes } of layoutOf(wordsWith('targetedOffers', 'euTransfer')))
    if (indexes.length > 0)
      expect(await indexesOf(name)).toEqual(expect.arrayContaining(indexes.map(({ key }) => key)));

  const second = await prepare();
  expect(second).toMatchObject({ code: 0, stderr: '' });
  expect(second.stdout.match(/ 0 made$/gm)).toHaveLength(layoutOf(wordsWith()).length);
}, 60_000);

test('a database of an earlier form is left as it is until it was migrated', async () => {
  const people = store.connection.getClient().db(store.connection.name).collection('people');
  await people.insertOne({ publicId: 'neko' });
  const { code, stderr } = await prepare();
  expect(code).toBe(1);
  expect(stderr).toMatch(/form of an earlier version.*assent store migrate/);
  expect(await indexesOf('people')).toEqual([{ _id: 1 }]);
});

test('a database that refuses ends it with 1, and the message does not repeat personal data', async () => {
  const ledger = store.connection.getClient().db(store.connection.name).collection('person_ledger');
  await ledger.insertMany([1, 2].map(() => ({ sid: 'neko', n: 1 })));
  const { code, stdout, stderr } = await prepare();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^The database refuses \(DuplicateKey\): /);
  expect(stderr).not.toContain('neko');
});

test.each([
  { name: 'a database that is not there', args: ['prepare'], says: /^The database cannot be reached: / },
  { name: 'another command', args: ['drop'], says: /^usage: / },
])('$name ends it with 1', async ({ args, says }) => {
  const { code, stderr } = await prepare(args, { MONGODB_URI: 'mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200' });
  expect(code).toBe(1);
  expect(stderr).toMatch(says);
});
