import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setPublicIdsApart } from '../../src/migrations/public-ids.ts';
import { openStore } from '../../src/store/connection.ts';
import { createPeople } from '../../src/subject/people.ts';
import { createClock } from '../support/clock.ts';
import { openReplicaSet, type Request } from '../support/replica-set/replica-set.ts';
import { standAsRouter } from '../support/router/stand-in.ts';
import { quiet, type TestStore } from '../support/store.ts';
import { KEYS } from '../support/world.ts';
import { openWritten } from './support.ts';

const clock = createClock('2026-11-22T09:00:00.000Z');
let store: TestStore;
beforeEach(async () => {
  store = await openWritten();
});
afterEach(() => store.drop());

const collection = <T extends { readonly _id: string }>(name: string) =>
  store.connection.getClient().db(store.connection.name).collection<T>(name);
const run = () => setPublicIdsApart.run({ store, ...KEYS, clock, log: quiet });

const everybody = async () => {
  const people = await collection<{ readonly _id: string; readonly publicId: string }>('people').find().toArray();
  return people.map(({ _id, publicId }) => ({ _id, publicId })).sort((a, b) => a._id.localeCompare(b._id));
};

test('everybody of an earlier form is found by the id of their tokens, and a second time nothing changes', async () => {
  const before = await everybody();
  expect([await run(), await run()]).toEqual([before.length, 0]);
  const found = await createPeople(store).findHolders(before.map(({ publicId }) => publicId));
  expect(found.map(({ _id, publicId }) => ({ _id, publicId })).sort((a, b) => a._id.localeCompare(b._id))).toEqual(
    before,
  );
});

test('a migration that was cut off goes on where it ended', async () => {
  const [first, ...others] = await everybody();
  await collection('public_ids').insertOne({ _id: first?.publicId, sid: first?._id } as never);
  expect(await run()).toBe(others.length);
});

test('no index of the earlier form is left, which a cluster could not spread people beside', async () => {
  await collection('people').createIndex({ publicId: 1 }, { unique: true });
  await run();
  expect((await collection('people').indexes()).filter(({ unique }) => unique)).toEqual([]);
});

describe('on a sharded cluster', () => {
  test.each([
    { name: 'people that are spread by their public ids are spread anew', key: { publicId: 1 }, commands: 1 },
    { name: 'people that are spread by their internal ids stay where they are', key: { _id: 1 }, commands: 0 },
  ])('$name', async ({ key, commands }) => {
    const set = await openReplicaSet();
    standAsRouter(set, [{ _id: 'test.people', key }]);
    const asked: object[] = [];
    set.faults.add({
      when: ({ name }: Request) => name === 'reshardCollection',
      by: ({ command }: Request) => {
        asked.push({ $db: command.$db, of: command.reshardCollection, by: Object.keys(command.key) });
        return { ok: 1 };
      },
    });
    const routed = await openStore({ uri: `mongodb://${set.members[0]?.host}/test`, dataDir: tmpdir(), log: quiet });
    try {
      await setPublicIdsApart.run({ store: routed, ...KEYS, clock, log: quiet });
      expect(asked).toEqual(Array(commands).fill({ $db: 'admin', of: 'test.people', by: ['_id'] }));
    } finally {
      await routed.close();
      await set.close();
    }
  });
});
