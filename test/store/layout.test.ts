import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layoutOf } from '../../src/layout.ts';
import { openStore } from '../../src/store/connection.ts';
import { type Key, type Layout, prepareIndexes } from '../../src/store/layout.ts';
import { planSharding } from '../../src/store/sharding.ts';
import { createCommandLog } from '../support/command-log.ts';
import { openReplicaSet } from '../support/replica-set/replica-set.ts';
import { quiet } from '../support/store.ts';
import { createWorld, member, partner, type TestWorld } from '../support/world.ts';

const LAYOUTS = layoutOf(['targetedOffers']);
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

  test('has no unique index that does not', () => {
    expect(indexes.filter(({ key, unique }) => unique && !beginsWith(key, shardKey))).toEqual([]);
  });
});

describe('what a cluster is told', () => {
  const layouts: Layout[] = [
    { name: 'people', indexes: [{ key: { publicId: 1 }, unique: true }], shardKey: { publicId: 1 } },
    { name: 'books', indexes: [], shardKey: { _id: 1 } },
    { name: 'partners', indexes: [], shardKey: null },
  ];
  const people = { shardCollection: 'assent.people', key: { publicId: 1 } };
  const books = { shardCollection: 'assent.books', key: { _id: 1 } };

  test.each([
    {
      name: 'where nothing is spread yet, everything in its order',
      recorded: [],
      plan: { commands: [{ enableSharding: 'assent' }, people, books], kept: [], otherwise: [] },
    },
    {
      name: 'where some is spread already, the rest',
      recorded: [{ _id: 'assent.people', key: { publicId: 1 } as Key }],
      plan: { commands: [{ enableSharding: 'assent' }, books], kept: ['people'], otherwise: [] },
    },
    {
      name: 'where all of it is, nothing',
      recorded: [
        { _id: 'assent.people', key: { publicId: 1 } as Key },
        { _id: 'assent.books', key: { _id: 1 } as Key },
      ],
      plan: { commands: [], kept: ['people', 'books'], otherwise: [] },
    },
    {
      name: 'nothing of what is spread by another key',
      recorded: [
        { _id: 'assent.people', key: { publicId: 1, _id: 1 } as Key },
        { _id: 'assent.books', key: { _id: 1 } as Key },
      ],
      plan: { commands: [], kept: ['books'], otherwise: ['people'] },
    },
    {
      name: 'as if it were not spread, of what the cluster only knows the place of, and of another database',
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

describe('writes', () => {
  const AT = '2020-01-01T00:00:00Z';
  const offerwall = partner('wall', 'offer-completion', '');
  const processor = partner('pay', 'billing', 'name');
  let world: TestWorld;
  let log: ReturnType<typeof createCommandLog>;
  beforeAll(async () => {
    world = await createWorld();
    log = createCommandLog(world.store);
  });
  afterAll(() => world.close());

  const BY_NAME = new Map(sharded.map(({ name, shardKey }) => [name, Object.keys(shardKey)]));

  /** What each command that changes one document looks for, by its collection: clusters ask for the whole shard key. */
  const soughtIn = (commands: ReturnType<typeof log.take>) =>
    commands.flatMap(({ commandName, command }) => {
      const name = String(command[commandName]);
      if (commandName === 'findAndModify') return [{ name, sought: command.query }];
      if (commandName !== 'update') return [];
      return command.updates.filter(({ upsert }: never) => upsert).map(({ q }: { q: object }) => ({ name, sought: q }));
    });

  test('that find and change, or put in place, name the whole shard key', async () => {
    await world.load({
      users: [
        {
          ...{ id: 'u1', avatarName: 'Neko', name: 'N', email: 'neko@example.com', country: 'US' },
          consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: AT }],
          posts: [{ id: 'p', text: 'hello', at: AT }],
          transactions: [{ id: 't', good: 'hat', at: AT }],
          orders: [
            { id: 'open', processor: 'pay', status: 'OPEN' },
            { id: 'filled', processor: 'pay', status: 'FILLED' },
          ],
        },
      ],
      partners: [
        {
          clientId: 'pay',
          name: 'Pay',
          kind: 'PAYMENT_PROCESSOR',
          jurisdiction: 'US',
          contract: { purposes: ['billing'] },
        },
        {
          clientId: 'wall',
          name: 'Wall',
          kind: 'OFFER_WALL',
          jurisdiction: 'US',
          contract: { purposes: ['offer-completion'] },
        },
      ],
    });
    const known = await world.ask(member('u1'), '{ me { partnerId(clientId: "pay") } }');
    const reports = `mutation { reportOrder(user: "${known.data.me.partnerId}", order: "open", outcome: FILLED) }`;
    const completes =
      'mutation { own: submitOfferCompletion(input: { completionId: "c", name: "N", email: "neko@example.com", credits: 5 }) { received } other: submitOfferCompletion(input: { completionId: "d", name: "O", email: "neko@example.com", credits: 5 }) { received } }';
    const withdraws = 'mutation { withdrawConsent(purpose: "targetedOffers") { consent { inForce } } }';
    for (const [caller, query] of [
      [member('u1'), withdraws],
      [processor, reports],
      [offerwall, completes],
    ] as const)
      expect((await world.ask(caller, query)).errors).toEqual([]);
    await world.gateway.close();

    const sought = soughtIn(log.take()).filter(({ name }) => BY_NAME.has(name));
    expect(new Set(sought.map(({ name }) => name))).toEqual(
      new Set([
        'people',
        'posts',
        'transactions',
        'filled_orders',
        'credits',
        'waiting_credits',
        'name_claims',
        'mailboxes',
      ]),
    );
    expect(sought.filter(({ name, sought }) => !BY_NAME.get(name)?.every((path) => path in sought))).toEqual([]);
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
