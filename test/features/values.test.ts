import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { collectionOf } from '../../src/store/mongo/collections.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { actsOf } from '../support/acts.ts';
import { createClock, DAY } from '../support/clock.ts';
import { noticesAbout, partnerIdsOf } from '../support/notices.ts';
import { documentsIn } from '../support/people.ts';
import { parsePolicy } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const NOW = '2026-03-01T12:00:00.000Z';

interface Entry {
  id: string;
  [key: string]: unknown;
}

/** A bundle with other keys of its categories, and of its clauses. */
async function bundleWith(
  name: string,
  keys: Readonly<Record<string, object>>,
  clauses: Readonly<Record<string, object>> = {},
) {
  const draft = JSON.parse((await loadPolicy(`policies/${name}`)).canonical);
  draft.vocabulary.categories = draft.vocabulary.categories.map((category: Entry) => ({
    ...category,
    ...keys[category.id],
  }));
  draft.clauses = draft.clauses.map((clause: Entry) => ({ ...clause, ...clauses[clause.id] }));
  return parsePolicy(JSON.stringify(draft), name);
}

const clock = createClock(NOW);
let world: TestWorld;

const ask = (caller: CallerClaims | null, query: string, variables = {}) => world.ask(caller, query, variables);
const me = async (sub: string, selection: string) => {
  const { data, errors } = await ask(member(sub), `{ me { ${selection} } }`);
  expect(errors).toEqual([]);
  return data.me;
};
const codeOf = ({ errors }: { errors: readonly { extensions: Readonly<Record<string, unknown>> }[] }) =>
  errors[0]?.extensions.code;

describe('staff that writes', () => {
  const counter = staff('counter', 'counter');
  const SHOP = {
    users: [
      {
        ...{ id: 'ana', nickname: 'Ana', fullName: 'Ana Lima', country: 'US' },
        loyaltyCard: { number: 'LC-1', points: 1 },
        tastings: [{ cheese: 'Gouda', at: '2026-02-01T17:00:00Z' }],
        allergies: ['milk'],
        consents: [{ purpose: 'allergyCheck', action: 'GIVEN' }],
        relationships: [{ partner: 'lab' }],
      },
      { id: 'bo', nickname: 'Bo', fullName: 'Bo Ek', status: 'REFUSED' },
    ],
    partners: [
      {
        ...{ clientId: 'lab', name: 'Lab', kind: 'LABORATORY', jurisdiction: 'CH' },
        contract: { purposes: ['allergy-check'] },
      },
    ],
  };

  beforeAll(async () => {
    const policy = await bundleWith('corner-shop', {
      // the counter sees tastings and cards, and no allergies; the person puts none of them right
      ALLERGIES: { write: ['counter'], correct: false, keep: '1 month' },
      LOYALTY_CARD: { write: ['counter'], keep: '1 month' },
      TASTINGS: { keep: '1 month' },
    });
    world = await createWorld({}, { clock, policy });
  });
  beforeEach(async () => {
    clock.set(NOW);
    await resetWorld(world.store);
    await world.load(SHOP);
  });
  afterAll(() => world.close());

  const WRITE = `mutation ($user: ID!, $input: WritePersonalDataInput!, $replace: Boolean, $key: String) {
    writePersonalData(user: $user, input: $input, replace: $replace, idempotencyKey: $key) {
      written user { nickname tastings { cheese } allergies }
    }
  }`;
  const write = (input: object, more: object = {}, caller: CallerClaims | null = counter) =>
    ask(caller, WRITE.replace(' allergies', ''), { user: 'ana', input, ...more });

  test('adds items to a list, each with the present where it tells no instant of its own', async () => {
    const input = {
      tastings: [
        { cheese: 'Brie', liked: true },
        { cheese: 'Feta', at: '2026-02-20T17:00:00Z' },
      ],
    };
    const { data, errors } = await write(input);
    expect(errors).toEqual([]);
    expect(data.writePersonalData).toEqual({
      written: ['TASTINGS'],
      user: { nickname: 'Ana', tastings: [{ cheese: 'Gouda' }, { cheese: 'Brie' }, { cheese: 'Feta' }] },
    });
    expect((await me('ana', 'tastings { cheese at }')).tastings.slice(1)).toEqual([
      { cheese: 'Brie', at: NOW },
      { cheese: 'Feta', at: '2026-02-20T17:00:00.000Z' },
    ]);
  });

  test('puts a list in the place of another where it says so, and the earlier list stays for the person', async () => {
    await write({ tastings: [{ cheese: 'Brie', at: NOW }] }, { replace: true });
    const { tastings, corrections } = await me('ana', 'tastings { cheese } corrections { category previousValue }');
    expect(tastings).toEqual([{ cheese: 'Brie' }]);
    expect(corrections).toEqual([{ category: 'TASTINGS', previousValue: expect.stringContaining('Gouda') }]);
  });

  test('puts a single value in the place of another', async () => {
    expect((await write({ loyaltyCard: { number: 'LC-2', points: 9 } })).data.writePersonalData.written).toEqual([
      'LOYALTY_CARD',
    ]);
    expect((await me('ana', 'loyaltyCard { number points }')).loyaltyCard).toEqual({ number: 'LC-2', points: 9 });
  });

  test('is on both ledgers, with categories and no values', async () => {
    await write({ loyaltyCard: { number: 'LC-2' }, tastings: [{ cheese: 'Brie' }] });
    expect((await actsOf(world.store, 'ana')).at(-1)).toMatchObject({
      ...{ type: 'WRITE', at: NOW, role: 'counter' },
      ...{ categories: ['LOYALTY_CARD', 'TASTINGS'], replaced: ['LOYALTY_CARD'] },
    });
    const books = await collectionOf<{ entries?: readonly object[] }>(world.store.connection, 'audit_books')
      .find({})
      .toArray();
    const acts = books.flatMap(({ entries = [] }) => entries).filter((entry) => 'act' in entry);
    expect(acts.at(-1)).toMatchObject({
      ...{ act: 'VALUES_WRITTEN', by: 'counter-1', purpose: 'counter' },
      categories: ['LOYALTY_CARD', 'TASTINGS'],
    });
    expect((await verify(world.store)).faults).toEqual([]);
  });

  test('changes and records nothing where everything was so already', async () => {
    const before = (await actsOf(world.store, 'ana')).length;
    const { data } = await write({ loyaltyCard: { number: 'LC-1', points: 1 } });
    expect(data.writePersonalData.written).toEqual([]);
    expect(await actsOf(world.store, 'ana')).toHaveLength(before);
  });

  test('reads nothing by it: the policy alone decides that', async () => {
    const { data, errors } = await ask(counter, WRITE, { user: 'ana', input: { allergies: ['celery'] } });
    expect(data.writePersonalData).toMatchObject({
      written: ['ALLERGIES'],
      user: { nickname: 'Ana', allergies: null },
    });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', category: 'ALLERGIES', reason: 'NO_CLAUSE' });
    expect((await me('ana', 'allergies')).allergies).toEqual(['milk', 'celery']);
  });

  test.each<{ name: string; caller: CallerClaims | null }>([
    { name: 'another role', caller: staff('officer', 'complaints') },
    { name: 'the role with a purpose that is not its own', caller: staff('counter', 'complaints') },
    { name: 'the person', caller: member('ana') },
    { name: 'a partner', caller: partner('lab', 'allergy-check', 'allergies') },
    { name: 'a visitor', caller: null },
  ])('is not $name', async ({ caller }) => {
    const answer = await write({ tastings: [{ cheese: 'Brie' }] }, {}, caller);
    expect(codeOf(answer)).toBe('FORBIDDEN');
    expect((await me('ana', 'tastings { cheese }')).tastings).toHaveLength(1);
  });

  test('the person does not write fields of staff, unless they can put them right', async () => {
    const correct =
      'mutation ($input: CorrectionInput!) { correctPersonalData(input: $input) { ledgerEntry { n: number } } }';
    expect((await ask(member('ana'), correct, { input: { allergies: ['egg'] } })).errors).not.toEqual([]);
    expect((await ask(member('ana'), correct, { input: { loyaltyCard: { number: 'LC-3' } } })).errors).toEqual([]);
    expect(await me('ana', 'allergies loyaltyCard { number }')).toEqual({
      allergies: ['milk'],
      loyaltyCard: { number: 'LC-3' },
    });
  });

  test('finds nobody that it may not see, and answers as for nobody', async () => {
    const input = { tastings: [{ cheese: 'Brie' }] };
    const [closed, unknown] = [await write(input, { user: 'bo' }), await write(input, { user: 'never-was' })];
    expect(closed.data).toEqual({ writePersonalData: null });
    expect(closed).toMatchObject({ data: unknown.data, errors: unknown.errors, status: unknown.status });
    expect((await me('bo', 'tastings { cheese }')).tastings).toEqual([]);
  });

  test.each([
    {
      name: 'an instant that is yet to come',
      input: { tastings: [{ cheese: 'Brie', at: '2026-03-01T12:00:00.001Z' }] },
      argument: 'input.tastings[0].at',
    },
    {
      name: 'more than 100 items',
      input: { tastings: Array.from({ length: 101 }, () => ({ cheese: 'Brie' })) },
      argument: 'input.tastings',
    },
    { name: 'an item of nothing', input: { tastings: [{}] }, argument: 'input.tastings[0]' },
    { name: 'nothing', input: {}, argument: 'input' },
  ])('$name is refused with its argument', async ({ input, argument }) => {
    expect((await write(input)).errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument });
  });

  test('a list holds 500 items and no more', async () => {
    const hundred = { tastings: Array.from({ length: 100 }, (_, n) => ({ cheese: `Cheese ${n}` })) };
    for (let n = 0; n < 4; n++) expect((await write(hundred)).errors).toEqual([]);
    const few = { tastings: hundred.tastings.slice(0, 99) };
    expect((await write(hundred)).errors[0]?.extensions).toMatchObject({ argument: 'input.tastings' });
    expect((await write(few)).errors).toEqual([]);
  });

  test('a call that comes again writes nothing again, and is answered alike', async () => {
    const call = () => write({ tastings: [{ cheese: 'Brie' }] }, { key: 'k-1' });
    const first = await call();
    expect((await call()).data).toEqual(first.data);
    expect((await me('ana', 'tastings { cheese }')).tastings).toHaveLength(2);
  });

  test('the time of a value counts from the write', async () => {
    await write({ loyaltyCard: { number: 'LC-2' } });
    clock.set('2026-04-01T11:59:59.999Z');
    expect((await me('ana', 'loyaltyCard { number }')).loyaltyCard).toEqual({ number: 'LC-2' });
    clock.set('2026-04-01T12:00:00.000Z');
    expect((await me('ana', 'loyaltyCard { number }')).loyaltyCard).toBeNull();
  });

  describe('over a value that a legal process alone still holds', () => {
    const AFTER = '2026-04-02T12:00:00.000Z';
    const owner = staff('owner', 'law');
    const underProcess = async (...categories: string[]) => {
      const order = { id: 'p1', kind: 'COURT_ORDER', authority: 'A court', subject: 'ana', categories };
      const inForce = { from: '2026-01-01T00:00:00Z', until: '2026-06-01T00:00:00Z' };
      await world.load({ legalProcesses: [{ ...order, ...inForce }] });
      clock.set(AFTER);
    };

    test.each([
      { category: 'LOYALTY_CARD', input: { loyaltyCard: { number: 'LC-2' } }, replace: false, previous: 'LC-1' },
      { category: 'ALLERGIES', input: { allergies: ['egg'] }, replace: false, previous: 'milk' },
      { category: 'ALLERGIES', input: { allergies: ['egg'] }, replace: true, previous: 'milk' },
      { category: 'TASTINGS', input: { tastings: [{ cheese: 'Brie' }] }, replace: true, previous: 'Gouda' },
    ])('$category stays for the process (replace: $replace)', async ({ category, input, replace, previous }) => {
      await underProcess(category, 'CORRECTED_VALUE', 'ACCOUNT');
      expect((await write(input, { replace })).errors).toEqual([]);
      await world.gateway.sweep();
      const { data } = await ask(owner, '{ user(id: "ana") { corrections { category previousValue } } }');
      expect(data.user.corrections).toEqual([{ category, previousValue: expect.stringContaining(previous) }]);
    });

    test('tells the person nothing of it, and keeps it where the process names no previous values', async () => {
      await underProcess('LOYALTY_CARD');
      await write({ loyaltyCard: { number: 'LC-2' } });
      await world.gateway.sweep();
      expect(await me('ana', 'corrections { category } loyaltyCard { number }')).toEqual({
        ...{ corrections: [], loyaltyCard: { number: 'LC-2' } },
      });
      expect((await actsOf(world.store, 'ana')).findLast(({ type }) => type === 'WRITE')).toMatchObject({
        replaced: [],
      });
      const stored = await documentsIn(world.store).findOne({ publicId: 'ana' });
      expect(stored?.corrections).toMatchObject([{ category: 'LOYALTY_CARD' }]);
    });

    test('shows nobody items of a list again that was over', async () => {
      await underProcess('ALLERGIES');
      await write({ allergies: ['egg'] });
      expect((await me('ana', 'allergies')).allergies).toEqual(['egg']);
    });
  });

  test('the person puts a list right that is longer than one call of staff', async () => {
    const tastings = Array.from({ length: 101 }, (_, n) => ({ cheese: `Cheese ${n}`, at: NOW }));
    const correct = 'mutation ($input: CorrectionInput!) { correctPersonalData(input: $input) { user { id } } }';
    expect((await ask(member('ana'), correct, { input: { tastings } })).errors).toEqual([]);
    expect((await me('ana', 'tastings { cheese }')).tastings).toHaveLength(101);
  });

  test('items that are over take no room, and writing no items over them is no write', async () => {
    const hundred = { tastings: Array.from({ length: 100 }, (_, n) => ({ cheese: `Cheese ${n}` })) };
    for (let n = 0; n < 4; n++) await write(hundred);
    await write({ tastings: hundred.tastings.slice(0, 99) });
    clock.set('2026-04-02T12:00:00.000Z');
    const acts = (await actsOf(world.store, 'ana')).length;
    expect((await write({ tastings: [] })).data.writePersonalData.written).toEqual([]);
    expect(await actsOf(world.store, 'ana')).toHaveLength(acts);
    expect((await write(hundred)).errors).toEqual([]);
    expect((await me('ana', 'tastings { cheese }')).tastings).toHaveLength(100);
  });

  test('partners that were shown a value are told to read it again once another took its place', async () => {
    const lab = partner('lab', 'allergy-check', 'allergies');
    const ids = await partnerIdsOf(world, member('ana'), ['lab']);
    await ask(lab, '{ users { edges { node { allergies } } } }');
    const asked = async () => {
      await world.gateway.sweep();
      return noticesAbout(world, lab, ids, 'asked categories');
    };
    await write({ allergies: ['egg'] });
    expect(await asked()).toEqual([]);
    await write({ allergies: ['soy'] }, { replace: true });
    expect(await asked()).toMatchObject([{ asked: 'REPLACE', categories: ['ALLERGIES'] }]);
  });
});

test('staff that writes a person out of its sight is told the values written, and shown nobody', async () => {
  clock.set(NOW);
  const when = { all: [{ fact: 'personActive' }, { not: { held: 'LOYALTY_CARD' } }] };
  const reveals = [{ to: 'STAFF_COUNTER', purposes: ['counter'], categories: ['NICKNAME'], when }];
  const keys = { LOYALTY_CARD: { write: ['counter'] } };
  const policy = await bundleWith('corner-shop', keys, { 'shop.counter': { reveals } });
  const hiding = await createWorld(
    { users: [{ id: 'ana', nickname: 'Ana', fullName: 'Ana Lima' }] },
    { clock, policy },
  );
  const write = `mutation {
    writePersonalData(user: "ana", input: { loyaltyCard: { number: "LC-1" } }) { written user { nickname } }
  }`;
  const { data, errors } = await hiding.ask(staff('counter', 'counter'), write);
  await hiding.close();
  expect({ data, errors }).toEqual({
    data: { writePersonalData: { written: ['LOYALTY_CARD'], user: null } },
    errors: [],
  });
});

describe('a person that adds and removes items of a list', () => {
  const lena = member('lena');
  const SERVER = {
    users: [
      {
        ...{ id: 'lena', userName: 'lena', country: 'US', relationships: [{ partner: 'port' }] },
        publicPosts: [
          { text: 'One.', at: '2026-02-01T12:00:00Z' },
          { text: 'Two.', at: '2026-02-02T12:00:00Z' },
        ],
      },
      { id: 'tom', userName: 'tom', status: 'REFUSED', publicPosts: [{ text: 'Mine.', at: '2026-02-02T12:00:00Z' }] },
    ],
    partners: [
      {
        ...{ clientId: 'port', name: 'Port', kind: 'REMOTE_SERVER', jurisdiction: 'US' },
        contract: { purposes: ['federation'] },
      },
    ],
  };

  beforeAll(async () => {
    const policy = await bundleWith('mastodon-server', { FOLLOWERS_POSTS: { keep: '30 days' } });
    world = await createWorld({}, { clock, policy });
  });
  beforeEach(async () => {
    clock.set(NOW);
    await resetWorld(world.store);
    await world.load(SERVER);
  });
  afterAll(() => world.close());

  const ADD = `mutation ($item: PublicPostInput!, $key: String) {
    addToPublicPosts(item: $item, idempotencyKey: $key) { publicPosts { id text at } }
  }`;
  const REMOVE = 'mutation ($ids: [ID!]!) { removeFromPublicPosts(ids: $ids) { publicPosts { id text } } }';
  const add = (item: object, key?: string, caller: CallerClaims | null = lena) => ask(caller, ADD, { item, key });
  const posts = async (sub = 'lena'): Promise<{ id: string; text: string }[]> =>
    (await me(sub, 'publicPosts { id text }')).publicPosts;
  const texts = async () => (await posts()).map(({ text }) => text);

  test('adds one, with the present where it tells no instant', async () => {
    const { data, errors } = await add({ text: 'Three.' });
    expect(errors).toEqual([]);
    expect(data.addToPublicPosts.publicPosts.at(-1)).toEqual({ id: expect.any(String), text: 'Three.', at: NOW });
    expect((await actsOf(world.store, 'lena')).at(-1)).toMatchObject({ type: 'ITEM_ADDED', category: 'PUBLIC_POSTS' });
  });

  test('removes them by their ids, which everybody sees alike, also of items that came otherwise', async () => {
    const [one] = await posts();
    const { data } = await ask(null, '{ user(id: "lena") { publicPosts { id } } }');
    expect(data.user.publicPosts[0].id).toBe(one?.id);
    expect((await ask(lena, REMOVE, { ids: [one?.id] })).data.removeFromPublicPosts.publicPosts).toMatchObject([
      { text: 'Two.' },
    ]);
    expect((await actsOf(world.store, 'lena')).at(-1)).toMatchObject({
      ...{ type: 'ITEMS_REMOVED', category: 'PUBLIC_POSTS', count: 1 },
    });
  });

  test('removes every item, and an item gone already is no error', async () => {
    const ids = (await posts()).map(({ id }) => id);
    await ask(lena, REMOVE, { ids });
    const acts = (await actsOf(world.store, 'lena')).length;
    expect((await ask(lena, REMOVE, { ids })).errors).toEqual([]);
    expect(await texts()).toEqual([]);
    expect(await actsOf(world.store, 'lena')).toHaveLength(acts);
  });

  test('adds nothing again for a call that comes again, also once it was removed', async () => {
    await add({ text: 'Three.' }, 'k-1');
    await add({ text: 'Three.' }, 'k-1');
    expect(await texts()).toEqual(['One.', 'Two.', 'Three.']);
    await ask(lena, REMOVE, { ids: [(await posts())[2]?.id] });
    await add({ text: 'Three.' }, 'k-1');
    expect(await texts()).toEqual(['One.', 'Two.']);
  });

  test.each([
    {
      name: 'an instant that is yet to come',
      item: { text: 'Later.', at: '2026-03-02T12:00:00Z' },
      argument: 'item.at',
    },
    { name: 'a text that is too long', item: { text: 'x'.repeat(10_001) }, argument: 'item.text' },
    { name: 'an item of nothing', item: {}, argument: 'item' },
  ])('$name is refused', async ({ item, argument }) => {
    expect((await add(item)).errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument });
    expect(await texts()).toEqual(['One.', 'Two.']);
  });

  test.each<{ name: string; caller: CallerClaims | null }>([
    { name: 'a visitor', caller: null },
    { name: 'staff', caller: staff('moderator', 'moderation') },
    { name: 'a partner', caller: partner('port', 'federation', 'public-posts') },
    { name: 'a person with a closed account', caller: member('tom') },
  ])('$name adds none', async ({ caller }) => {
    expect(codeOf(await add({ text: 'Three.' }, undefined, caller))).toBe('FORBIDDEN');
  });

  test('removes items of their own alone, also where the account is closed', async () => {
    const [mine] = await posts('tom');
    await ask(lena, REMOVE, { ids: [mine?.id] });
    expect(await posts('tom')).toHaveLength(1);
    expect((await ask(member('tom'), REMOVE, { ids: [mine?.id] })).errors).toEqual([]);
    expect(await posts('tom')).toEqual([]);
  });

  test('a list holds 500 items and no more', async () => {
    const many = Array.from({ length: 499 }, (_, n) => ({ text: `Post ${n}.`, at: '2026-01-01T00:00:00Z' }));
    await world.load({ users: [{ id: 'mia', userName: 'mia', publicPosts: many }] });
    expect((await add({ text: 'The last.' }, undefined, member('mia'))).errors).toEqual([]);
    expect((await add({ text: 'One more.' }, undefined, member('mia'))).errors[0]?.extensions).toMatchObject({
      ...{ code: 'BAD_INPUT', argument: 'item' },
    });
  });

  test('partners that were shown items are told to erase them once one was removed', async () => {
    const port = partner('port', 'federation', 'public-posts');
    const ids = await partnerIdsOf(world, lena, ['port']);
    await ask(port, '{ users { edges { node { publicPosts { text } } } } }');
    await ask(lena, REMOVE, { ids: [(await posts())[0]?.id] });
    await world.gateway.sweep();
    expect(await noticesAbout(world, port, ids, 'asked categories')).toMatchObject([
      { asked: 'ERASE', categories: ['PUBLIC_POSTS'] },
    ]);
  });

  test('an item is kept for the time of its category, from its own instant on', async () => {
    const addForFollowers = 'mutation ($item: FollowersPostInput!) { addToFollowersPosts(item: $item) { id } }';
    for (const at of ['2026-02-15T12:00:00Z', NOW]) await ask(lena, addForFollowers, { item: { text: at, at } });
    const left = async () => (await me('lena', 'followersPosts { text }')).followersPosts.length;
    clock.set(new Date(Date.parse('2026-02-15T12:00:00Z') + 30 * DAY - 1));
    expect(await left()).toBe(2);
    clock.advance(1);
    expect(await left()).toBe(1);
    await world.gateway.sweep();
    expect(await left()).toBe(1);
  });
});
