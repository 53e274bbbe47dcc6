import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { UNVERIFIED_FOR } from '../../src/features/blog/operations.ts';
import { pageName } from '../../src/features/statistics/page-name.ts';
import { boundStorage } from '../../src/migrations/bounded-storage.ts';
import { createClock } from '../support/clock.ts';
import { quiet, type TestStore } from '../support/store.ts';
import { KEYS } from '../support/world.ts';
import { contentsOf, openWritten } from './support.ts';

const clock = createClock('2026-11-22T09:00:00.000Z');
let store: TestStore;
beforeEach(async () => {
  await store?.drop();
  store = await openWritten();
});
afterAll(() => store.drop());

const collection = (name: string) => store.connection.getClient().db(store.connection.name).collection(name);
const run = () => boundStorage.run({ store, ...KEYS, clock, log: quiet });
const pages = async () =>
  Object.fromEntries(
    (
      await collection('daily_tallies')
        .find({ '_id.table': 'PAGES' } as never)
        .toArray()
    ).map(({ _id, ...rest }) => [
      `${(_id as never as { day: string }).day} ${(_id as never as { key: string }).key}`,
      rest,
    ]),
  );
const visited = (key: string, count: number, merged?: string) =>
  collection('daily_tallies').insertOne({
    _id: { day: '2026-11-20', table: 'PAGES', key },
    count,
    ...(merged !== undefined && { merged }),
  } as never);

describe('names of pages of an earlier form', () => {
  test('are added up by the shape of their paths, day by day', async () => {
    for (const [key, count] of [
      ['/Shop', 2],
      ['/people/ada.lovelace', 3],
      ['/people/4711', 4],
      ['other', 5],
    ] as const)
      await visited(key, count);
    await run();
    expect(await pages()).toEqual({
      '2026-11-20 /shop': { count: 3 },
      '2026-11-20 /people/:id': { count: 7 },
      '2026-11-20 other': { count: 5 },
    });
  });

  test('are added once where the step was cut off between adding and removing', async () => {
    await visited('/people/1', 3);
    await visited('/people/2', 4);
    await visited('/people/:id', 3, '/people/1');
    await run();
    expect(await pages()).toMatchObject({ '2026-11-20 /people/:id': { count: 7 } });
  });

  test('a name is its own name, has no digit, and at most four segments of 24 letters', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[\w.-]{0,40}$/), { maxLength: 8 }), (segments) => {
        const name = pageName(`/${segments.join('/')}`);
        expect(pageName(name)).toBe(name);
        expect(name).toMatch(/^\/$|^(?:\/(?::id|[a-z-]{1,24})){1,4}$/);
      }),
    );
  });
});

test('a follower that has not answered has 30 days from the migration, and one that has stays', async () => {
  await run();
  const followers = await collection('blog_followers').find().sort({ verified: 1 }).toArray();
  expect(followers.map(({ verified, expiresAt }) => ({ verified, expiresAt }))).toEqual([
    { verified: false, expiresAt: new Date(clock.now().getTime() + UNVERIFIED_FOR) },
    { verified: true, expiresAt: undefined },
  ]);
});

test('tables of an earlier form are forgotten, to be made anew, and a second run changes nothing', async () => {
  expect(await run()).toBeGreaterThan(0);
  expect(await collection('statistics_snapshots').countDocuments()).toBe(0);
  const before = await contentsOf(store);
  expect(await run()).toBe(0);
  expect(await contentsOf(store)).toEqual(before);
});
