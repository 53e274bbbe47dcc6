import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isUnavailable, type Store } from '../../src/store/connection.ts';
import { until } from '../support/engines.ts';
import { openReplicaSet, type ReplicaSet } from '../support/replica-set/replica-set.ts';
import { openSetStore } from '../support/store.ts';

let set: ReplicaSet;
let stores: Store[];
beforeEach(async () => {
  set = await openReplicaSet();
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await set.close();
});

const open = async (app = 'a') => {
  const store = await openSetStore(set, app);
  stores.push(store);
  return store;
};
const notes = ({ connection }: Store) =>
  connection.getClient().db(connection.name).collection<{ _id: string; n?: number }>('notes');
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

describe('a simulated replica set is one to the driver', () => {
  test('it is written to at a majority, and what is read there is proven', async () => {
    const store = await open();
    expect([store.write, store.read]).toEqual([
      { w: 'majority', j: true, wtimeoutMS: 5_000 },
      { readPreference: 'primary', readConcern: { level: 'linearizable' }, maxTimeMS: 5_000 },
    ]);
    await notes(store).insertMany([{ _id: 'a' }, { _id: 'b' }]);
    await notes(store).updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { upsert: true });
    await notes(store).deleteOne({ _id: 'b' });
    expect(await notes(store).find({}, store.read).toArray()).toEqual([{ _id: 'a', n: 1 }]);
    await set.settled();
    for (const { engine } of set.members)
      expect((await engine.ask('test', { find: 'notes', filter: {} })).cursor.firstBatch).toMatchObject([{ _id: 'a' }]);
  });

  test('a write that no majority holds is not acknowledged, and rolled back where another is elected', async () => {
    const store = await open();
    await notes(store).insertOne({ _id: 'a', n: 1 });
    await set.settled();
    set.hold();
    const error = await errorOf(
      notes(store).updateOne({ _id: 'a' }, { $set: { n: 2 } }, { writeConcern: { ...store.write, wtimeoutMS: 100 } }),
    );
    expect(isUnavailable(error)).toBe(true);
    expect(await notes(store).findOne({ _id: 'a' })).toMatchObject({ n: 2 });
    set.crash(0);
    await set.elect(1);
    set.release();
    set.restart(0);
    await until(
      async () =>
        (
          await notes(store)
            .findOne({ _id: 'a' }, store.read)
            .catch(() => null)
        )?.n === 1,
    );
    await set.settled();
    const [first] = set.members;
    expect((await first?.engine.ask('test', { find: 'notes', filter: {} }))?.cursor.firstBatch[0].n).toMatchObject({
      value: 1,
    });
  });

  test('an old primary that stands alone still answers, and proves nothing', async () => {
    const store = await open();
    await notes(store).insertOne({ _id: 'a' });
    await set.settled();
    set.partition({ members: [0], apps: ['a'] });
    await set.elect(1);
    expect(await notes(store).findOne({ _id: 'a' })).toEqual({ _id: 'a' });
    const proven = notes(store).findOne({ _id: 'a' }, { ...store.read, maxTimeMS: 200 });
    expect(isUnavailable(await errorOf(proven))).toBe(true);
  });

  test('a write whose answer is lost is tried again, and done once', async () => {
    const store = await open();
    await notes(store).insertOne({ _id: 'a', n: 0 });
    set.faults.add({ when: ({ name }) => name === 'update', times: 1, by: 'BREAKING_AFTER' });
    await notes(store).updateOne({ _id: 'a' }, { $inc: { n: 1 } });
    expect(await notes(store).findOne({ _id: 'a' }, store.read)).toEqual({ _id: 'a', n: 1 });
    expect(set.commands.filter(({ name }) => name === 'update')).toHaveLength(2);
  });
});
