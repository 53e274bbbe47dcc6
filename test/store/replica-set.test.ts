import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isUnavailable, type Store } from '../../src/store/mongo/connection.ts';
import { createRandom } from '../leaks/random.ts';
import { eachWithReplicaSet } from '../support/each-set.ts';
import { until } from '../support/engines.ts';
import { run } from '../support/replica-set/commands.ts';
import type { Elections } from '../support/replica-set/elections.ts';
import type { ReplicaSet } from '../support/replica-set/replica-set.ts';
import { openSetStore } from '../support/store.ts';

let set: ReplicaSet;
const closing = eachWithReplicaSet((next) => {
  set = next;
});

const open = async (app = 'a') => closing(await openSetStore(set, app));
const notes = ({ connection }: Store) =>
  connection.getClient().db(connection.name).collection<{ _id: string; n?: number }>('notes');
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

/** Asks the primary without a driver. */
const ask = (command: { readonly insert: string } & Record<string, unknown>) =>
  run(set.primary(), { database: 'test', name: 'insert', command }, () => {});

describe('a simulated replica set is one to the driver', () => {
  test('a write reaches a majority, and a read is proven', async () => {
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

  test('a write with a lost answer is tried again, and done once', async () => {
    const store = await open();
    await notes(store).insertOne({ _id: 'a', n: 0 });
    set.faults.add({ when: ({ name }) => name === 'update', times: 1, by: 'BREAKING_AFTER' });
    await notes(store).updateOne({ _id: 'a' }, { $inc: { n: 1 } });
    expect(await notes(store).findOne({ _id: 'a' }, store.read)).toEqual({ _id: 'a', n: 1 });
    expect(set.commands.filter(({ name }) => name === 'update')).toHaveLength(2);
  });
});

describe('elections that happen by themselves', () => {
  const SOON: Elections = { timeoutMs: 100, staleMs: 200 };
  const stateOf = (id: number) => set.members[id]?.state;

  test('give the set another primary, of a newer term, when it loses the one it had', async () => {
    const store = await open();
    await notes(store).insertOne({ _id: 'a' });
    await set.settled();
    set.setElections(SOON);
    const { term } = set.primary();
    set.crash(0);
    const next = await set.awaitPrimary();
    expect(next.id).not.toBe(0);
    expect(next.term).toBeGreaterThan(term);
    // a driver takes a moment to hear of it
    await until(
      async () => (await errorOf(notes(store).updateOne({ _id: 'b' }, { $inc: { n: 1 } }, { upsert: true }))) === null,
    );
    set.restart(0);
    await set.settled();
    expect(await notes(store).countDocuments({}, store.read as object)).toBe(2);
  });

  test('do not happen where a test holds them by hand', async () => {
    set.crash(0);
    await sleep(2 * SOON.timeoutMs);
    expect(() => set.primary()).toThrow('There is no primary.');
    await set.elect(2);
    expect(set.primary().id).toBe(2);
  });

  test('end the time of a primary that has heard no majority for a while, and give its side no other', async () => {
    set.setElections(SOON);
    set.partition({ members: [0], apps: [] });
    await until(() => stateOf(0) === 'SECONDARY');
    expect((await set.awaitPrimary()).id).not.toBe(0);
    expect(stateOf(0)).toBe('SECONDARY');
  });

  test('let two members call themselves primary until the old one steps down', async () => {
    set.setElections({ ...SOON, staleMs: 60_000 });
    set.partition({ members: [0], apps: [] });
    await until(() => set.primary().id !== 0);
    expect(stateOf(0)).toBe('PRIMARY');
    set.heal();
    expect(stateOf(0)).toBe('SECONDARY');
    await set.settled();
  });

  test('give no place to a member that lacks a write of the majority', async () => {
    const store = await open();
    set.delay(Number.POSITIVE_INFINITY, 2);
    await notes(store).insertOne({ _id: 'a' });
    set.crash(0);
    expect(() => set.elect(2)).toThrow('No majority would vote for member 2.');
    set.setElections(SOON);
    await until(() => stateOf(1) === 'PRIMARY');
  });

  test('leave out a primary that gave up its place, for a while', async () => {
    const store = await open();
    await notes(store).insertOne({ _id: 'a', n: 0 });
    set.setElections(SOON);
    set.stepDown();
    await notes(store).updateOne({ _id: 'a' }, { $inc: { n: 1 } });
    expect(set.primary().id).not.toBe(0);
    expect(set.tally().elections).toBe(2);
  });
});

describe('a write concern', () => {
  const insert = async (_id: string, w: number | 'majority', wtimeoutMS = 0) =>
    errorOf(notes(await open(`${_id}${w}`)).insertOne({ _id }, { writeConcern: { w, wtimeoutMS } }));

  test.each([
    { name: 'one member is enough for w: 1', w: 1, slow: [1, 2], acknowledged: true },
    { name: 'w: 2 waits for the faster of the others', w: 2, slow: [2], acknowledged: true },
    { name: 'w: 2 is not fulfilled while both are slow', w: 2, slow: [1, 2], acknowledged: false },
    { name: 'w: 3 is not fulfilled while one is slow', w: 3, slow: [2], acknowledged: false },
    { name: 'a majority is two of three', w: 'majority' as const, slow: [1], acknowledged: true },
    { name: 'a majority is not one of three', w: 'majority' as const, slow: [1, 2], acknowledged: false },
  ])('counts the members that hold the write: $name', async ({ w, slow, acknowledged }) => {
    for (const id of slow) set.delay(60_000, id);
    const error = await insert('a', w, 200);
    expect(error === null).toBe(acknowledged);
    expect(isUnavailable(error)).toBe(!acknowledged);
  });

  test('is fulfilled once the delay of a member is over', async () => {
    set.delay(200, 1);
    set.delay(400, 2);
    const begun = performance.now();
    expect(await insert('a', 3)).toBeNull();
    expect(performance.now() - begun).toBeGreaterThanOrEqual(400);
    expect(set.members.map(({ log }) => log.length)).toEqual([2, 2, 2]);
  });

  test('fails with 189 where the primary steps down while it waits', async () => {
    set.hold();
    const waiting = ask({ insert: 'notes', documents: [{ _id: 'a' }], writeConcern: { w: 'majority' } });
    await until(() => set.members[0]?.log.length === 2);
    set.stepDown();
    expect(Number((await waiting).writeConcernError.code)).toBe(189);
  });
});

describe('a retryable write', () => {
  test.each([
    {
      name: 'insertMany',
      counted: 'insertedCount',
      write: (store: Store) => notes(store).insertMany(['a', 'b', 'c'].map((_id) => ({ _id, n: 1 }))),
    },
    {
      name: 'bulkWrite',
      counted: 'upsertedCount',
      write: (store: Store) =>
        notes(store).bulkWrite(
          ['a', 'b', 'c'].map((_id) => ({ updateOne: { filter: { _id }, update: { $inc: { n: 1 } }, upsert: true } })),
        ),
    },
  ])('that was cut off in the middle is done to its end, each statement once: $name', async ({ write, counted }) => {
    const store = await open();
    set.setElections({ timeoutMs: 100, staleMs: 1_000 });
    set.faults.add({ when: ({ name }) => ['insert', 'update'].includes(name), times: 1, by: 'STEPPING_DOWN_MIDWAY' });
    const result = await write(store);
    expect(result).toMatchObject({ [counted]: 3 });
    const found = await notes(store).find({}, store.read).sort({ _id: 1 }).toArray();
    expect(found).toEqual(['a', 'b', 'c'].map((_id) => ({ _id, n: 1 })));
    expect(set.tally()).toMatchObject({ repeated: 1, elections: 2 });
  });

  describe('by its number in its session', () => {
    const session = { id: { buffer: Buffer.alloc(16, 1) } };
    const insert = (txnNumber: number, ...ids: string[]) =>
      ask({ insert: 'notes', documents: ids.map((_id) => ({ _id })), lsid: session, txnNumber });

    test('tells the statements that were done before', async () => {
      set.members[0]?.acknowledge(1, 10);
      expect(await insert(1, 'a', 'b')).not.toHaveProperty('retriedStmtIds');
      const again = await insert(1, 'a', 'b');
      expect(again.retriedStmtIds.map(Number)).toEqual([0, 1]);
      expect(Number(again.n)).toBe(2);
    });

    test('is refused with 225 where the session has begun a newer one', async () => {
      set.members[0]?.acknowledge(1, 10);
      await insert(2, 'a');
      await expect(insert(1, 'b')).rejects.toMatchObject({ code: 225 });
    });

    test('is forgotten by a member that gives it up', async () => {
      set.hold();
      const lost = insert(1, 'a').catch(() => {});
      await until(() => set.members[0]?.log.length === 2);
      set.crash(0);
      await lost;
      await set.elect(1);
      set.release();
      set.restart(0);
      await set.settled();
      expect(set.tally()).toMatchObject({ rollbacks: 1, rolledBack: 1 });
      expect(set.members[0]?.sessions.recall({ session: '01'.repeat(16), number: 1n }).size).toBe(0);
    });
  });

  test('is never done twice, even if requests and answers are lost', async () => {
    const store = await open();
    const random = createRandom(1);
    await notes(store).insertOne({ _id: 'a', n: 0 });
    const isLost = ({ name }: { name: string }) => name === 'update' && random.chance(0.3);
    set.faults.add({ when: isLost, by: 'BREAKING_BEFORE' });
    set.faults.add({ when: isLost, by: 'BREAKING_AFTER' });
    let [done, unknown] = [0, 0];
    for (let n = 0; n < 40; n++)
      if ((await errorOf(notes(store).updateOne({ _id: 'a' }, { $inc: { n: 1 } }))) === null) done += 1;
      else unknown += 1;
    set.faults.clear();
    const found = (await notes(store).findOne({ _id: 'a' }, store.read))?.n ?? 0;
    expect(found).toBeGreaterThanOrEqual(done);
    expect(found).toBeLessThanOrEqual(done + unknown);
    expect(set.tally().repeated).toBeGreaterThan(0);
    expect(unknown).toBeGreaterThan(0);
  });
});

describe('a read', () => {
  const majority = { readConcern: { level: 'majority' as const }, maxTimeMS: 200 };

  test('of a majority does not show a write that a primary may still give up', async () => {
    const store = await open();
    await notes(store).insertOne({ _id: 'a' });
    expect(await notes(store).findOne({ _id: 'a' }, majority)).toEqual({ _id: 'a' });
    set.hold();
    await notes(store).insertOne({ _id: 'b' }, { writeConcern: { w: 1 } });
    expect(await notes(store).findOne({ _id: 'b' })).toEqual({ _id: 'b' });
    expect(isUnavailable(await errorOf(notes(store).findOne({ _id: 'b' }, majority)))).toBe(true);
  });

  test('of a majority may come from an old primary; a proven one may not', async () => {
    const store = await open();
    await notes(store).insertOne({ _id: 'a' });
    await set.settled();
    set.partition({ members: [0], apps: ['a'] });
    await set.elect(1);
    expect(await notes(store).findOne({ _id: 'a' }, majority)).toEqual({ _id: 'a' });
    const proven = errorOf(notes(store).findOne({ _id: 'a' }, { ...store.read, maxTimeMS: 200 }));
    expect(isUnavailable(await proven)).toBe(true);
  });

  test('is answered by another member where the client allows for it', async () => {
    const store = await open();
    await notes(store).insertOne({ _id: 'a' });
    await set.settled();
    set.commands.length = 0;
    expect(await notes(store).findOne({ _id: 'a' }, { readPreference: 'secondary' })).toEqual({ _id: 'a' });
    expect(set.commands.find(({ name }) => name === 'find')?.member.state).toBe('SECONDARY');
  });

  test('in a transaction is refused, since there are none', async () => {
    const store = await open();
    const client = store.connection.getClient();
    const inTransaction = client.withSession((session) =>
      session.withTransaction(() => notes(store).findOne({ _id: 'a' }, { session })),
    );
    expect(await errorOf(inTransaction)).toMatchObject({ code: 263 });
  });
});
