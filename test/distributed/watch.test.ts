import { expect, test } from 'vitest';
import { asOurs } from '../support/router/watch.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const people = ({ connection }: TestStore) => connection.getClient().db(connection.name).collection('people');

test.each([
  {
    name: 'a command that a router refuses',
    ask: (store: TestStore) => people(store).updateOne({ name: 'Neko' }, { $set: { name: 'Nekoko' } }),
    says: /^On shards: update people: a change of one document without the shard key or its id; update people by name asks every shard\.$/,
  },
  {
    name: 'a search of every shard without a reason',
    ask: (store: TestStore) => people(store).findOne({ name: 'Neko' }),
    says: /^On shards: find people by name asks every shard\.$/,
  },
])('$name fails a test if the product sends it, and not if the test itself does', async ({ ask, says }) => {
  const [ours, its] = [await openTestStore(), await openTestStore()];
  await asOurs(() => ask(ours));
  await ask(its);
  await expect(ours.drop()).rejects.toThrow(says);
  await its.drop();
});

test('a search with a stated reason to ask every shard passes', async () => {
  const store = await openTestStore();
  await asOurs(() => people(store).findOne({ foldedName: 'neko' }));
  await store.drop();
});
