import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setPublicIdsApart } from '../../src/migrations/mark-public-ids.ts';
import { openStore } from '../../src/store/mongo/connection.ts';
import { createClock } from '../support/clock.ts';
import { peopleIn } from '../support/people.ts';
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

const findHolders = async (ids: readonly string[]) => {
  const found = await peopleIn(store).findHolders(ids);
  return found.map(({ _id, publicId }) => ({ _id, publicId })).sort((a, b) => a._id.localeCompare(b._id));
};

test('everybody of an earlier form is found by the id of their tokens, and no id is there in clear text', async () => {
  const before = await everybody();
  const ids = before.map(({ publicId }) => publicId);
  expect(await run()).toBe(before.length);
  expect(await findHolders(ids)).toEqual(before);
  const documents = await collection('public_ids').find().toArray();
  for (const id of ids) expect(JSON.stringify(documents)).not.toContain(`"${id}"`);
});

test('a migration that was cut off runs again, without the people erased meanwhile', async () => {
  await run();
  const [first, ...others] = await everybody();
  await collection('people').deleteOne({ _id: first?._id as never });
  expect(await run()).toBe(others.length);
  expect(await findHolders([first?.publicId ?? '', ...others.map(({ publicId }) => publicId)])).toEqual(others);
  expect(await collection('public_ids').countDocuments()).toBe(others.length);
});

test('no index of the earlier form is left, as it would keep a cluster from spreading people', async () => {
  await collection('people').createIndex({ publicId: 1 }, { unique: true });
  await run();
  expect((await collection('people').indexes()).filter(({ unique }) => unique)).toEqual([]);
});

describe('on a sharded cluster', () => {
  const UNIQUE = ['createIndexes former_shard_key', 'dropIndexes publicId_1'];
  const SPREAD = ['reshardCollection test.people by _id', 'dropIndexes former_shard_key'];
  test.each([
    {
      name: 'people that are spread by their public ids are spread anew, and never without an index of their key',
      ...{ key: { publicId: 1 }, indexes: [{ key: { publicId: 1 }, name: 'publicId_1', unique: true }] },
      commands: [...UNIQUE, ...SPREAD],
    },
    {
      name: 'a migration that was cut off goes on',
      ...{ key: { publicId: 1 }, indexes: [{ key: { publicId: 1, _id: 1 }, name: 'former_shard_key' }] },
      commands: SPREAD,
    },
    {
      name: 'people that are spread by their internal ids stay where they are',
      ...{ key: { _id: 1 }, indexes: [{ key: { foldedName: 1 }, name: 'foldedName_1' }] },
      commands: [],
    },
  ])('$name', async ({ key, indexes, commands }) => {
    const set = await openReplicaSet();
    standAsRouter(set, [{ _id: 'test.people', key }]);
    set.faults.add({ when: ({ name }: Request) => name === 'reshardCollection', by: () => ({ ok: 1 }) });
    const routed = await openStore({ uri: `mongodb://${set.members[0]?.host}/test`, dataDir: tmpdir(), log: quiet });
    try {
      await routed.patiently((database) => database.collection('people').createIndexes(indexes as never));
      set.commands.length = 0;
      await setPublicIdsApart.run({ store: routed, ...KEYS, clock, log: quiet });
      const asked = set.commands.flatMap(({ name, command }) => {
        if (name === 'createIndexes') return [`${name} ${command.indexes[0].name}`];
        if (name === 'dropIndexes') return [`${name} ${command.index}`];
        if (name === 'reshardCollection') return [`${name} ${command[name]} by ${Object.keys(command.key)}`];
        return [];
      });
      expect(asked).toEqual(commands);
    } finally {
      await routed.close();
      await set.close();
    }
  });
});
