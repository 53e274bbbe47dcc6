import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { documentsIn } from '../support/people.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const PEOPLE = 23;
const GIVEN = { purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' };
const contract = { purposes: ['targeted-offers'] };

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({
    users: [
      ...Array.from({ length: PEOPLE }, (_, index) => ({
        id: `person-${index}`,
        avatarName: `Avatar ${index}`,
        email: `p${index}@mail.example`,
        country: 'US',
        consents: [GIVEN],
      })),
      { id: 'undecided', avatarName: 'Undecided', email: 'undecided@mail.example', country: 'US' },
    ],
    partners: [
      { clientId: 'offers', name: 'Offers', kind: 'OFFERS', jurisdiction: 'US', contract },
      { clientId: 'rival', name: 'Rival', kind: 'OFFERS', jurisdiction: 'US', contract },
    ],
  });
});
afterAll(() => world.close());

const offers = partner('offers', 'targeted-offers', 'email');
const rival = partner('rival', 'targeted-offers', 'email');
const support = staff('support', 'customer-support');

const QUERY = `query ($first: Int, $after: String) {
  users(first: $first, after: $after) {
    edges { cursor node { id email } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

interface Page {
  readonly edges: readonly {
    readonly cursor: string;
    readonly node: { readonly id: string; readonly email: string };
  }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const ask = (variables: Record<string, unknown>, caller: CallerClaims | null = offers) =>
  world.ask(caller, QUERY, variables);

async function page(variables: Record<string, unknown>, caller?: CallerClaims): Promise<Page> {
  const { data, errors } = await ask(variables, caller);
  expect(errors).toEqual([]);
  return data.users;
}

/** Every page, each asked for after the end of the one before. */
async function walk(first: number, caller?: CallerClaims): Promise<Page[]> {
  const pages: Page[] = [];
  for (let after: string | null = null; ; after = pages.at(-1)?.pageInfo.endCursor ?? null) {
    pages.push(await page({ first, after }, caller));
    if (!pages.at(-1)?.pageInfo.hasNextPage) return pages;
  }
}

/** A cursor with another character at one place. */
const changed = (cursor: string, place: number) =>
  `${cursor.slice(0, place)}${cursor[place] === 'A' ? 'B' : 'A'}${cursor.slice(place + 1)}`;
const endOf = async (caller?: CallerClaims) => String((await page({ first: 5 }, caller)).pageInfo.endCursor);

const emailsOf = (pages: readonly Page[]) => pages.flatMap(({ edges }) => edges.map(({ node }) => node.email));
const EVERYBODY = Array.from({ length: PEOPLE }, (_, index) => `p${index}@mail.example`).sort();

describe('walking the list', () => {
  test.each([1, 5, 22, PEOPLE, 24, 100])('%i at a time gives everybody once', async (first) => {
    const pages = await walk(first);
    expect(emailsOf(pages).sort()).toEqual(EVERYBODY);
    expect(pages).toHaveLength(Math.ceil(PEOPLE / first));
    expect(pages.map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual(
      pages.map((_, index) => index < pages.length - 1),
    );
  });

  test('gives the same order every time, for any size of the pages', async () => {
    const [once, again, inSevens] = [await walk(100), await walk(100), await walk(7)];
    expect(emailsOf(again)).toEqual(emailsOf(once));
    expect(emailsOf(inSevens)).toEqual(emailsOf(once));
  });

  test('begins with twenty where nothing is said', async () => {
    expect((await page({})).edges).toHaveLength(20);
  });

  test('says where a page begins and ends', async () => {
    const { edges, pageInfo } = await page({ first: 3 });
    expect(pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor,
      endCursor: edges[2]?.cursor,
    });
  });

  test('goes on after any person of a page, not only the last', async () => {
    const [whole] = await walk(100);
    const after = whole?.edges[9]?.cursor;
    expect(emailsOf([await page({ first: 100, after })])).toEqual(emailsOf([whole as Page]).slice(10));
  });

  test('has nothing after the last person', async () => {
    const [whole] = await walk(100);
    expect(await page({ first: 5, after: whole?.pageInfo.endCursor })).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('none at a time shows nobody, and that there is somebody', async () => {
    expect(await page({ first: 0 })).toEqual({
      edges: [],
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('a person who withdraws on the way is left out, and nobody else is', async () => {
    await world.load({
      users: [0, 1].map((n) => ({
        id: `leaver-${n}`,
        avatarName: `L${n}`,
        email: `l${n}@mail.example`,
        country: 'US',
        consents: [GIVEN],
      })),
    });
    const [before] = await walk(100);
    const order = emailsOf([before as Page]);
    const half = order.findIndex((email) => email.startsWith('l'));
    const [early, late] = [order[half], order.findLast((email) => email.startsWith('l'))] as [string, string];
    const withdraw = (email: string) =>
      world.ask(
        member(`leaver-${email[1]}`),
        'mutation { withdrawConsent(purpose: "targetedOffers") { user { id } } }',
      );

    const first = await page({ first: half + 1 });
    await withdraw(early);
    await withdraw(late);
    const rest = await page({ first: 100, after: first.pageInfo.endCursor });
    expect(emailsOf([first, rest])).toEqual(order.filter((email) => email !== late));
    expect(emailsOf(await walk(4)).sort()).toEqual(EVERYBODY);
  });
});

describe('faulty arguments', () => {
  test.each([
    {
      name: 'more than a hundred',
      variables: { first: 101 },
      argument: 'first',
      expected: 'a whole number from 0 to 100',
    },
    { name: 'fewer than none', variables: { first: -1 }, argument: 'first', expected: 'a whole number from 0 to 100' },
    {
      name: 'a cursor of no list',
      variables: { after: 'nonsense' },
      argument: 'after',
      expected: 'a cursor of this list',
    },
    { name: 'an empty cursor', variables: { after: '' }, argument: 'after', expected: 'a cursor of this list' },
    {
      name: 'a cursor with something behind it',
      variables: { after: 'AAAAAAAAAAAAAAAAAAAAAA==' },
      argument: 'after',
      expected: 'a cursor of this list',
    },
  ])('$name is told by argument and form, without an echo', async ({ variables, argument, expected }) => {
    const { status, data, errors } = await ask(variables);
    expect(status).toBe(200);
    expect(data).toEqual({ users: null });
    expect(errors).toEqual([
      {
        message: `${argument}: expected ${expected}.`,
        path: ['users'],
        locations: expect.anything(),
        extensions: { code: 'BAD_INPUT', argument, expected },
      },
    ]);
  });
});

describe('cursors', () => {
  test('tell nothing of the person', async () => {
    const people = await documentsIn(world.store).find().toArray();
    const sids = people.map(({ _id }) => _id);
    const known = [...sids, ...people.map(({ publicId }) => publicId)];
    for (const { cursor, node } of (await walk(100)).flatMap(({ edges }) => edges)) {
      const forms = [cursor, node.id].flatMap((text) => [
        text,
        ...(['hex', 'latin1'] as const).map((encoding) => Buffer.from(text, 'base64url').toString(encoding)),
      ]);
      for (const form of forms) for (const id of known) expect(form).not.toContain(id);
      expect(cursor).not.toBe(node.id);
    }
  });

  test('and ids differ from partner to partner, and from those that staff are given', async () => {
    const callers = [offers, rival, support];
    const lists = await Promise.all(callers.map((caller) => walk(100, caller)));
    const texts = lists.map((pages) =>
      pages.flatMap(({ edges }) => edges.flatMap(({ cursor, node }) => [cursor, node.id])),
    );
    expect(new Set(texts.flat()).size).toBe(texts.flat().length);
  });

  test.each([
    { name: 'of another caller', cursorOf: () => endOf(rival) },
    { name: 'that somebody made up', cursorOf: async () => 'A'.repeat(34) },
    { name: 'with a changed position', cursorOf: async () => changed(await endOf(), 3) },
    { name: 'with a changed end', cursorOf: async () => changed(await endOf(), 30) },
    { name: 'that is cut off', cursorOf: async () => (await endOf()).slice(0, 22) },
  ])('$name are refused', async ({ cursorOf }) => {
    const { errors } = await ask({ first: 5, after: await cursorOf() });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'after' });
  });
});

describe('lists are for partners and staff', () => {
  test.each([
    { name: 'a visitor', caller: null },
    { name: 'a member', caller: member('person-0') },
  ])('not for $name', async ({ caller }) => {
    const { data, errors } = await ask({}, caller);
    expect(data).toEqual({ users: null });
    expect(errors).toMatchObject([{ path: ['users'], extensions: { code: 'FORBIDDEN', reason: 'NOT_PERMITTED' } }]);
  });

  test('staff see people hidden from a partner', async () => {
    expect(emailsOf(await walk(100, support))).toContain('undecided@mail.example');
    expect(emailsOf(await walk(100))).not.toContain('undecided@mail.example');
  });
});

describe('`node`', () => {
  const node = (id: string, caller: CallerClaims | null = null) =>
    world.ask(
      caller,
      'query ($id: ID!) { node(id: $id) { __typename id ... on User { avatarName } ... on Partner { clientId } ... on Policy { version } } }',
      { id },
    );

  test.each([
    { id: 'person-0', found: { __typename: 'User', id: 'person-0', avatarName: 'Avatar 0' } },
    { id: 'Partner:offers', found: { __typename: 'Partner', id: 'Partner:offers', clientId: 'offers' } },
    { id: 'Policy:2014-09-12', found: { __typename: 'Policy', id: 'Policy:2014-09-12', version: '2014-09-12' } },
    { id: 'User:person-0', found: null },
    { id: 'Partner:', found: null },
    { id: 'Partner:nobody', found: null },
    { id: 'Policy:1999-01-01', found: null },
    { id: 'Clause:ads.interaction', found: null },
    { id: ':', found: null },
    { id: '', found: null },
    { id: '\u{1f431} any string', found: null },
  ])('"$id" finds $found', async ({ id, found }) => {
    const { data, errors } = await node(id);
    expect(errors).toEqual([]);
    expect(data).toEqual({ node: found });
  });

  test('finds a person for a partner by the id that the partner was shown, and by no other', async () => {
    const [own, foreign] = [await page({ first: 1 }), await page({ first: 1 }, rival)].map(
      ({ edges }) => edges[0]?.node,
    );
    expect((await world.ask(offers, 'query ($id: ID!) { node(id: $id) { id } }', { id: own?.id })).data.node).toEqual({
      id: own?.id,
    });
    for (const id of [foreign?.id, 'person-0'])
      expect((await world.ask(offers, 'query ($id: ID!) { node(id: $id) { id } }', { id })).data).toEqual({
        node: null,
      });
  });
});

test('fields are answered in the order of the query', async () => {
  const { data } = await world.ask(
    member('person-0'),
    '{ policy { version id } me { email posts { id } id b: name policyAcceptances { mode version } avatarName } __typename }',
  );
  expect(Object.keys(data)).toEqual(['policy', 'me', '__typename']);
  expect(Object.keys(data.policy)).toEqual(['version', 'id']);
  expect(Object.keys(data.me)).toEqual(['email', 'posts', 'id', 'b', 'policyAcceptances', 'avatarName']);
  const others = await world.ask(
    offers,
    '{ users(first: 1) { edges { node { postalAddress { city } email gender id } cursor } } }',
  );
  expect(Object.keys(others.data.users.edges[0])).toEqual(['node', 'cursor']);
  expect(Object.keys(others.data.users.edges[0].node)).toEqual(['postalAddress', 'email', 'gender', 'id']);
});
