import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse, print, stripIgnoredCharacters } from 'graphql';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import {
  type AssentClient,
  apolloTypePolicies,
  type ClientOptions,
  createClient,
  denialAt,
  graphcacheKeys,
  PARTS_OF_A_PERSON,
  relayDataId,
  type TypedDocument,
} from '../../src/client/index.ts';
import { textOf } from '../../src/client/typed-document.ts';
import { createWorld, member, type TestWorld } from '../support/world.ts';

let world: TestWorld;
/** A gateway that lets each caller through three times a second. */
let strict: TestWorld;
beforeAll(async () => {
  const users = [
    { id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'nia@mail.example' },
    { id: 'u2', avatarName: 'Ziggy' },
  ];
  world = await createWorld({ users });
  strict = await createWorld({ users }, { guards: { rates: { caller: 3, partner: 3 } } });
});
afterAll(() => Promise.all([world.close(), strict.close()]));

type Send = NonNullable<ClientOptions['fetch']>;
const URL_OF_TESTS = 'http://gateway.test/graphql';
const through =
  ({ gateway }: TestWorld): Send =>
  (url, init) =>
    gateway.fetch(new Request(url, init));

/** A client of a member, and the requests that it has sent. */
function clientFor(options: Partial<ClientOptions> = {}, of: TestWorld = world) {
  const sent: { readonly headers: Headers; readonly body: { readonly variables: Record<string, unknown> } }[] = [];
  const send = options.fetch ?? through(of);
  const client = createClient({
    url: URL_OF_TESTS,
    token: () => of.token(member('u2')),
    patience: { pauseMs: 1 },
    ...options,
    fetch: (url, init) => {
      sent.push({ headers: new Headers(init.headers), body: JSON.parse(String(init.body)) });
      return send(url, init);
    },
  });
  return { client, sent };
}

/** A proxy before the gateway that fails the first requests. */
const failing = (times: number, fail: (url: string, init: RequestInit) => Promise<Response>): Send => {
  let left = times;
  return (url, init) => (left-- > 0 ? fail(url, init) : through(world)(url, init));
};
const outage =
  (headers: Record<string, string> = {}, code = 'UNAVAILABLE', status = 503) =>
  async () =>
    Response.json({ errors: [{ message: 'Try again.', extensions: { code } }] }, { status, headers });
const lost = async (url: string, init: RequestInit): Promise<Response> => {
  await through(world)(url, init);
  throw new TypeError('the connection broke');
};

const ADD_PHOTO =
  'mutation ($url: URL!, $idempotencyKey: String) { addPhoto(url: $url, idempotencyKey: $idempotencyKey) { id } }';
const photosOf = async () =>
  ((await world.ask(member('u2'), '{ me { photos { url } } }')).data.me.photos as { url: string }[]).map(
    ({ url }) => url,
  );

describe('denials are values', () => {
  test('beside the data, with their path, reason and category', async () => {
    const answer = await clientFor().client.query('{ user(id: "u1") { avatarName email } }');
    expect(answer).toEqual({
      data: { user: { avatarName: 'Neko', email: null } },
      denials: [{ path: ['user', 'email'], code: 'FORBIDDEN', category: 'EMAIL', reason: 'NO_CLAUSE' }],
      faults: [],
    });
    expect(denialAt(answer, ['user', 'email'])?.reason).toBe('NO_CLAUSE');
    expect(denialAt(answer, ['user', 'avatarName'])).toBeNull();
  });

  test('also from a gateway that does not tell them apart', async () => {
    const old: Send = async (url, init) => {
      const { extensions: _, ...body } = (await (await through(world)(url, init)).json()) as Record<string, unknown>;
      return Response.json(body);
    };
    const query = '{ user(id: "u1") { email } users { edges { cursor } } }';
    expect(await clientFor({ fetch: old }).client.query(query)).toEqual(await clientFor().client.query(query));
  });

  test('a denied object denies the fields in it', async () => {
    const answer = await clientFor().client.query('{ users { edges { cursor } } }');
    expect(denialAt(answer, ['users', 'edges', 0])).toEqual({
      path: ['users'],
      code: 'FORBIDDEN',
      reason: 'NOT_PERMITTED',
    });
  });
});

describe('faults are values', () => {
  test('of a document that does not fit', async () => {
    const { data, denials, faults } = await clientFor().client.query('{ nothing }');
    expect({ data, denials }).toEqual({ data: null, denials: [] });
    expect(faults).toMatchObject([{ code: 'GRAPHQL_VALIDATION_FAILED' }]);
  });

  test('of an answer without any GraphQL', async () => {
    const fetch: Send = async () => new Response('<html>', { status: 400 });
    expect((await clientFor({ fetch }).client.query('{ me { id } }')).faults).toMatchObject([{ code: 'BAD_REQUEST' }]);
  });
});

describe('tokens', () => {
  test('are asked for before each request', async () => {
    const tokens = [await world.token(member('u1')), await world.token(member('u2'))];
    const { client } = clientFor({ token: () => tokens.shift() ?? null });
    const me = async () => (await client.query<{ me: { id: string } | null }>('{ me { id } }')).data?.me;
    expect([await me(), await me(), await me()]).toEqual([{ id: 'u1' }, { id: 'u2' }, null]);
  });

  test('one that is refused is asked for again, once', async () => {
    const asked: (string | undefined)[] = [];
    const good = await world.token(member('u2'));
    const token = (refused?: string) => {
      asked.push(refused);
      return refused ? good : 'stale';
    };
    expect((await clientFor({ token }).client.query('{ me { id } }')).data).toEqual({ me: { id: 'u2' } });
    expect(asked).toEqual([undefined, 'stale']);
    const { client, sent } = clientFor({ token: () => 'stale' });
    expect((await client.query('{ me { id } }')).faults).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
    expect(sent).toHaveLength(2);
  });
});

describe('requests sent again', () => {
  test('a query after an outage, and after a broken connection', async () => {
    for (const fail of [outage(), lost]) {
      const { client, sent } = clientFor({ fetch: failing(2, fail) });
      expect((await client.query('{ me { id } }')).data).toEqual({ me: { id: 'u2' } });
      expect(sent).toHaveLength(3);
    }
  });

  test('no more often than there is patience for', async () => {
    const { client, sent } = clientFor({ fetch: outage(), patience: { attempts: 3, pauseMs: 1 } });
    expect((await client.query('{ me { id } }')).faults).toMatchObject([{ code: 'UNAVAILABLE' }]);
    expect(sent).toHaveLength(3);
    const broken = clientFor({ fetch: lost, patience: { attempts: 2, pauseMs: 1 } });
    await expect(broken.client.query('{ me { id } }')).rejects.toThrow('the connection broke');
  });

  test('a mutation with a key, the same one, so that it makes one thing', async () => {
    const { client, sent } = clientFor({ fetch: failing(2, lost) });
    const url = 'https://img.example/once.png';
    expect((await client.mutate(ADD_PHOTO, { url })).faults).toEqual([]);
    expect(new Set(sent.map(({ body }) => body.variables.idempotencyKey)).size).toBe(1);
    expect((await photosOf()).filter((photo) => photo === url)).toHaveLength(1);
  });

  test('no mutation without a key, unless it is repeatable', async () => {
    const set = 'mutation { updatePreferences(input: { friendAdded: false }) { preferences { friendAdded } } }';
    const once = clientFor({ fetch: failing(1, outage()) });
    expect((await once.client.mutate(set)).faults).toMatchObject([{ code: 'UNAVAILABLE' }]);
    expect(once.sent).toHaveLength(1);
    const again = clientFor({ fetch: failing(1, outage()) });
    expect((await again.client.mutate(set, {}, { repeatable: true })).data).toEqual({
      updatePreferences: { preferences: { friendAdded: false } },
    });
  });

  test('two mutations have two keys, and a key that is given is the one', async () => {
    const { client, sent } = clientFor();
    const keys: readonly Record<string, string>[] = [{}, {}, { idempotencyKey: 'mine' }];
    for (const given of keys) await client.mutate(ADD_PHOTO, { url: 'https://img.example/key.png', ...given });
    const [first, second, third] = sent.map(({ body }) => body.variables.idempotencyKey);
    expect(first).not.toBe(second);
    expect(third).toBe('mine');
  });

  test('a limit used up for longer is not', async () => {
    const { client, sent } = clientFor({ fetch: outage({}, 'RATE_LIMITED', 200) });
    expect((await client.query('{ me { id } }')).faults).toMatchObject([{ code: 'RATE_LIMITED' }]);
    const later = clientFor({ fetch: outage({ 'retry-after': '3600' }) });
    expect((await later.client.query('{ me { id } }')).faults).toMatchObject([{ code: 'UNAVAILABLE' }]);
    expect([sent.length, later.sent.length]).toEqual([1, 1]);
  });

  test('nothing once the program has given up', async () => {
    const { client } = clientFor({ fetch: outage({ 'retry-after': '20' }) });
    await expect(client.query('{ me { id } }', {}, { signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/);
  });
});

test('more requests than the gateway lets through in a second are all answered, in their time', async () => {
  const { client, sent } = clientFor({ token: () => strict.token(member('u1')) }, strict);
  const start = Date.now();
  for (let n = 0; n < 4; n++) expect((await client.query('{ me { id } }')).data).toEqual({ me: { id: 'u1' } });
  expect(sent).toHaveLength(4);
  expect(Date.now() - start).toBeGreaterThan(500);
  const together = Array.from({ length: 4 }, () =>
    client.mutate('mutation { updatePreferences(input: {}) { outlastsSignals } }'),
  );
  for (const { data, faults } of await Promise.all(together))
    expect({ data, faults }).toMatchObject({ data: {}, faults: [] });
});

describe('documents', () => {
  const DOCUMENT = `query Q($a: [ID!]! = ["x"], $b: Boolean = true, $n: Int) @dir(x: 1.5) {
    one: user(id: $a, name: "a \\"b\\" \\n c", of: { k: [1, 2, null], e: ENUM, t: true }) @include(if: $b) { id ...F @skip(if: $b) }
    ... on Query { me { id } } ... @include(if: true) { me { name } }
  }
  fragment F on User { id }
  mutation { a }
  { b }`;
  test('that are parsed are sent as they were written', () => {
    const parsed = parse(DOCUMENT, { noLocation: true });
    expect(print(parse(textOf(parsed as TypedDocument<unknown, never>)))).toBe(print(parsed));
    expect(stripIgnoredCharacters(textOf(DOCUMENT))).toBe(stripIgnoredCharacters(DOCUMENT));
  });

  test('have the types of their variables and result', () => {
    // the types that codegen and gql.tada make of a document
    type Of<Result, Variables> = TypedDocumentNode<Result, Variables>;
    const ask = (
      client: AssentClient,
      me: Of<{ id: string }, Record<string, never>>,
      one: Of<{ n: number }, { id: string }>,
    ) => ({
      me: client.query(me),
      one: client.query(one, { id: 'x' }),
      // @ts-expect-error a variable is missing
      none: client.query(one),
      // @ts-expect-error a variable of another type
      other: client.query(one, { id: 1 }),
    });
    expectTypeOf<Awaited<ReturnType<typeof ask>['me']>['data']>().toEqualTypeOf<{ id: string } | null>();
    expectTypeOf<Awaited<ReturnType<typeof ask>['one']>['data']>().toEqualTypeOf<{ n: number } | null>();
    expect(typeof ask).toBe('function');
  });
});

test('caches keep the parts of a person under that person', () => {
  expect(Object.keys(apolloTypePolicies(['Own']))).toEqual([...PARTS_OF_A_PERSON, 'Own']);
  expect(graphcacheKeys().Photo?.()).toBeNull();
  const idOf = relayDataId(['Own']);
  expect([idOf({ id: 'a' }, 'Photo'), idOf({ id: 'a' }, 'Own'), idOf({ id: 'a' }, 'User')]).toEqual([null, null, 'a']);
});
