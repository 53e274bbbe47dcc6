import { describe, expect, test } from 'vitest';
import { layoutOf } from '../../src/gateway/layout.ts';
import { type Key, type Layout, prepareIndexes } from '../../src/store/mongo/collection-layout.ts';
import { openStore } from '../../src/store/mongo/connection.ts';
import { planSharding } from '../../src/store/mongo/sharding.ts';
import { openReplicaSet } from '../support/replica-set/replica-set.ts';
import { quiet } from '../support/store.ts';
import { wordsWith } from '../support/words.ts';

const LAYOUTS = layoutOf(wordsWith('targetedOffers'));
const sharded = LAYOUTS.flatMap((layout) => (layout.shardKey ? [{ ...layout, shardKey: layout.shardKey }] : []));

const beginsWith = (key: Key, start: Key) =>
  Object.entries(start).every(([path, direction], place) => {
    const [found, way] = Object.entries(key)[place] ?? [];
    return found === path && way === direction;
  });

describe.each(sharded)('$name, which is spread over shards', ({ shardKey, indexes }) => {
  test('has an index that begins with its shard key', () => {
    expect([{ _id: 1 } as const, ...indexes.map(({ key }) => key)].some((key) => beginsWith(key, shardKey))).toBe(true);
  });

  test('has no unique index that begins otherwise', () => {
    expect(indexes.filter(({ key, unique }) => unique && !beginsWith(key, shardKey))).toEqual([]);
  });
});

describe('a cluster is told', () => {
  const layouts: Layout[] = [
    { name: 'people', indexes: [{ key: { publicId: 1 }, unique: true }], shardKey: { publicId: 1 } },
    { name: 'books', indexes: [], shardKey: { _id: 1 } },
    { name: 'partners', indexes: [], shardKey: null },
  ];
  const people = { shardCollection: 'assent.people', key: { publicId: 1 } };
  const books = { shardCollection: 'assent.books', key: { _id: 1 } };

  test.each([
    {
      name: 'everything in its order, where nothing is spread yet',
      recorded: [],
      plan: { commands: [{ enableSharding: 'assent' }, people, books], kept: [], otherwise: [] },
    },
    {
      name: 'the rest, where some collections are spread already',
      recorded: [{ _id: 'assent.people', key: { publicId: 1 } as Key }],
      plan: { commands: [{ enableSharding: 'assent' }, books], kept: ['people'], otherwise: [] },
    },
    {
      name: 'nothing, where all are spread',
      recorded: [
        { _id: 'assent.people', key: { publicId: 1 } as Key },
        { _id: 'assent.books', key: { _id: 1 } as Key },
      ],
      plan: { commands: [], kept: ['people', 'books'], otherwise: [] },
    },
    {
      name: 'nothing of a collection that is spread by another key',
      recorded: [
        { _id: 'assent.people', key: { publicId: 1, _id: 1 } as Key },
        { _id: 'assent.books', key: { _id: 1 } as Key },
      ],
      plan: { commands: [], kept: ['books'], otherwise: ['people'] },
    },
    {
      name: 'everything, where the cluster only tracks a collection, or spreads one of another database',
      recorded: [
        { _id: 'assent.people', key: { _id: 1 } as Key, unsplittable: true },
        { _id: 'other.books', key: { _id: 1 } as Key },
      ],
      plan: { commands: [{ enableSharding: 'assent' }, people, books], kept: [], otherwise: [] },
    },
  ])('$name', ({ recorded, plan }) => {
    expect(planSharding('assent', layouts, recorded)).toEqual(plan);
  });
});

test('no option of an address weakens how indexes are made, or reads of them from a secondary', async () => {
  const set = await openReplicaSet();
  const uri = `${set.uri('test', 'a')}&w=0&readPreference=secondary`;
  const store = await openStore({ uri, dataDir: '/nowhere', log: quiet });
  await prepareIndexes(store, [{ name: 'notes', indexes: [{ key: { n: 1 } }], shardKey: null }]);
  const commands = set.commands.filter(({ name }) => name === 'createIndexes' || name === 'listIndexes');
  expect(commands.map(({ name, member }) => [name, member.state])).toEqual([
    ['listIndexes', 'PRIMARY'],
    ['createIndexes', 'PRIMARY'],
  ]);
  expect(commands[1]?.command.writeConcern).toEqual({ w: 'majority', j: true });
  await store.close();
  await set.close();
});
