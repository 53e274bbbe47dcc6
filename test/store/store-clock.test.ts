import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/mongo/connection.ts';
import { openStoreClock, type StoreClockOptions } from '../../src/store/mongo/store-clock.ts';
import { eachWithReplicaSet } from '../support/each-set.ts';
import { until } from '../support/engines.ts';
import type { ReplicaSet } from '../support/replica-set/replica-set.ts';
import { openTestStore, quiet } from '../support/store.ts';

const HOUR = 3_600_000;
/** More than any answer takes here, and less than the distance between the clocks of the tests. */
const CLOSE_MS = 1_000;

let set: ReplicaSet;
const closing = eachWithReplicaSet((next) => {
  set = next;
});

const openOver = async (uri = set.uri('test', 'a')) =>
  closing(await openStore({ uri, dataDir: '/nowhere', log: quiet }));
const open = async (options: Partial<StoreClockOptions> = {}, uri = set.uri('test', 'a')) => {
  const store = await openOver(uri);
  return openStoreClock({ connection: store.connection, log: quiet, ...options });
};
/** How far a clock is ahead of this machine's, in milliseconds. */
const aheadOf = ({ now }: { now: () => Date }) => now().getTime() - Date.now();
const setClocks = (...ahead: number[]) => {
  for (const [id, member] of set.members.entries()) member.aheadMs = ahead[id] ?? 0;
};

describe('the time of the database', () => {
  test.each([
    { name: 'the machine', ahead: 0 },
    { name: '5 s ahead of the machine', ahead: 5_000 },
    { name: 'an hour behind the machine', ahead: -HOUR },
    { name: '20 hours ahead of the machine', ahead: 20 * HOUR },
  ])('is that of the primary: $name', async ({ ahead }) => {
    setClocks(ahead, ahead + HOUR, ahead - HOUR);
    const clock = await open();
    expect(Math.abs(aheadOf(clock) - ahead)).toBeLessThan(CLOSE_MS);
    expect(clock.error()).toBeLessThan(CLOSE_MS);
  });

  test('does not depend on where the local clock begins', async () => {
    const clocks = await Promise.all([0, 1e9, -1e9].map((start) => open({ local: () => performance.now() + start })));
    for (const clock of clocks) expect(Math.abs(aheadOf(clock))).toBeLessThanOrEqual(clock.error() + 1);
  });

  test('is known to half a second and better, and told to be', async () => {
    const clock = await open();
    expect(clock.error()).toBeLessThanOrEqual(501);
    expect(Math.abs(aheadOf(clock))).toBeLessThanOrEqual(clock.error() + 1);
  });

  test('is measured again after a failover', async () => {
    setClocks(0, HOUR, 0);
    const clock = await open();
    await set.elect(1);
    await until(() => Math.abs(aheadOf(clock) - HOUR) < CLOSE_MS);
  });

  test('never runs backwards within a process, also where the new primary is behind', async () => {
    setClocks(0, -HOUR, 0);
    const moved: unknown[] = [];
    const clock = await open({ log: { ...quiet, warn: (about: object) => void moved.push(about) } as never });
    const told = [clock.now()];
    await set.elect(1);
    await until(() => {
      told.push(clock.now());
      return moved.length > 0;
    });
    const [{ movedMs }] = moved as [{ movedMs: number }];
    expect(Math.abs(movedMs + HOUR)).toBeLessThan(CLOSE_MS);
    for (let n = 0; n < 20; n++) told.push(clock.now());
    expect(told).toEqual([...told].sort((a, b) => a.getTime() - b.getTime()));
    // until the new primary is there, it stands still
    expect(told.at(-1)).toEqual(told.at(-20));
  });

  test('follows a clock that somebody sets', async () => {
    const clock = await open({ everyMs: 50 });
    setClocks(HOUR, HOUR, HOUR);
    await until(() => Math.abs(aheadOf(clock) - HOUR) < CLOSE_MS);
  });

  test('goes on as it was measured while no server answers, and says that it may be off by more', async () => {
    setClocks(HOUR, HOUR, HOUR);
    let skipped = 0;
    const clock = await open({ everyMs: 50, local: () => performance.now() + skipped });
    const before = clock.error();
    for (const { id } of set.members) set.crash(id);
    skipped = HOUR;
    expect(Math.abs(aheadOf(clock) - 2 * HOUR)).toBeLessThan(CLOSE_MS);
    expect(clock.error() - before).toBeCloseTo(3_600, -2);
  });

  test('is no router’s, but that of the shard that holds the data', async () => {
    const store = await openOver();
    await store.connection.collection('gateway_secrets').insertOne({});
    set.greet = ({ setName: _, hosts: __, primary: ___, ...hello }) => ({
      ...hello,
      msg: 'isdbgrid',
      localTime: new Date(Date.now() + HOUR),
    });
    const [host] = set.members.map(({ host }) => host);
    const clock = await open({}, `mongodb://${host}/test`);
    expect(Math.abs(aheadOf(clock))).toBeLessThan(CLOSE_MS);
  });

  test('is known of a single server, too', async () => {
    const store = await openTestStore();
    const clock = await openStoreClock({ connection: store.connection, log: quiet });
    expect(Math.abs(aheadOf(clock))).toBeLessThanOrEqual(clock.error() + 1);
    await store.drop();
  });
});

test('a database that can’t be reached has no time', async () => {
  const store = await openOver();
  for (const { id } of set.members) set.crash(id);
  await expect(openStoreClock({ connection: store.connection, log: quiet })).rejects.toThrow();
});
