import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServerAdapter } from '@whatwg-node/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExplorerRoutes } from '../../src/http/graphiql/explorer-routes.ts';
import type { GuardOptions } from '../../src/http/guards/guards.ts';
import { referenceTable } from '../support/policy.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { createWorld, member, type TestWorld } from '../support/world.ts';

const ORIGIN = 'http://gateway.test';
const APP = 'https://app.example';
const CANARY = 'canary4711';

let store: TestStore;
let world: TestWorld;
beforeAll(async () => {
  store = await openTestStore();
  world = await createWorld({ users: [{ id: 'u1', avatarName: 'Neko' }] }, { store });
});
afterAll(async () => {
  await world.close();
  await store.drop();
});

/** A gateway over the same people, with other guards. */
async function guarded<Result>(guards: GuardOptions, use: (world: TestWorld) => Promise<Result>): Promise<Result> {
  const other = await createWorld({}, { store, guards });
  return use(other).finally(other.close);
}

describe('every answer', () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    world.gateway.fetch(new Request(ORIGIN + path, { headers }));
  const answers: { name: string; ask: () => Promise<Response> }[] = [
    { name: 'to an operation', ask: () => world.post({ query: '{ me { id } }' }) },
    { name: 'to an operation by GET', ask: () => get('/graphql?query={me{id}}') },
    { name: 'to a document at fault', ask: () => world.post({ query: '{' }) },
    { name: 'to a token at fault', ask: () => world.post({ query: '{ me { id } }' }, { authorization: 'Bearer x' }) },
    { name: 'to no operation', ask: () => get('/graphql') },
    { name: 'to another type', ask: () => world.post('x', { 'content-type': 'text/plain' }) },
    { name: 'of the health route', ask: () => get('/health/live') },
    { name: 'of the key route', ask: () => get('/.well-known/jwks.json') },
    { name: 'of the link route', ask: () => get('/unsubscribe/token') },
    { name: 'of no route', ask: () => get('/nothing') },
  ];

  test.each(answers)('$name is kept by nobody, framed by nobody and guessed at by nobody', async ({ ask }) => {
    const { headers } = await ask();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe-eval|script-src[^;]*(unsafe-inline|\*|https?:)/);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  test('says nothing of its server', async () => {
    const server = createServer(createServerAdapter(world.gateway.fetch)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { headers } = await fetch(`http://127.0.0.1:${port}/graphql?query={__typename}`);
    server.closeAllConnections();
    server.close();
    expect([...headers.keys()].sort()).toEqual([
      'cache-control',
      'connection',
      'content-length',
      'content-security-policy',
      'content-type',
      'date',
      'keep-alive',
      'referrer-policy',
      'vary',
      'x-content-type-options',
      'x-request-id',
    ]);
  });

  test('that is a page runs no script of its own or of others', async () => {
    const pages = createExplorerRoutes({ endpoint: '/graphql', table: referenceTable });
    const page = await pages(new Request(`${ORIGIN}/graphql`, { headers: { accept: 'text/html' } }));
    expect(page?.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    const link = await get('/unsubscribe/token');
    expect(link.headers.get('content-security-policy')).not.toContain('script-src');
  });
});

describe('no answer repeats the input', () => {
  const AS_VARIABLE = `query ($id: ID!, $n: Int, $table: StatisticsTable!, $input: PreferencesInput) {
    user(id: $id) { id }
    users(first: $n) { edges { cursor } }
    statistics(table: $table) { asOf }
    previewPreferences(input: $input) { change }
  }`;
  const fitting = { id: 'u1', n: 1, table: 'VISITS', input: {} };

  test.each([
    { name: 'a value of another type', variables: { n: CANARY }, argument: 'n', expected: 'a value of type Int' },
    { name: 'a number that is none', variables: { n: 4711.4711 }, argument: 'n', expected: 'a value of type Int' },
    {
      name: 'a value that is not listed',
      variables: { table: CANARY },
      argument: 'table',
      expected: 'a value of type StatisticsTable!',
    },
    { name: 'an object', variables: { id: { [CANARY]: CANARY } }, argument: 'id', expected: 'a value of type ID!' },
    { name: 'nothing', variables: { id: null }, argument: 'id', expected: 'a value of type ID!' },
    {
      name: 'a field that is not there',
      variables: { input: { [CANARY]: true } },
      argument: 'input',
      expected: 'a value of type PreferencesInput, with every field that it requires and no other',
    },
    {
      name: 'a value in an object',
      variables: { input: { adTargeting: CANARY } },
      argument: 'input.adTargeting',
      expected: 'a value of type Boolean',
    },
    {
      name: 'a name that reads like a place',
      variables: { input: { [`x at "${CANARY}"`]: true } },
      argument: 'input',
      expected: expect.any(String),
    },
  ])('of a variable: $name', async ({ variables, argument, expected }) => {
    const { data, errors } = await world.ask(null, AS_VARIABLE, { ...fitting, ...variables });
    expect(data).toBeUndefined();
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_INPUT', argument, expected }]);
    expect(JSON.stringify(errors)).not.toContain('4711');
  });

  test('of a variable that a scalar of ours refuses', async () => {
    const { errors } = await world.ask(
      member('u1'),
      'mutation ($e: EmailAddress!) { register(input: {avatarName: "A", name: "B", email: $e}) { user { id } } }',
      { e: CANARY },
    );
    expect(errors[0]?.extensions).toEqual({ code: 'BAD_INPUT', argument: 'e', expected: 'an email address' });
  });

  test('of a variable that is not sent', async () => {
    const { errors } = await world.ask(null, 'query ($id: ID!) { user(id: $id) { id } }', { [CANARY]: 1 });
    expect(errors[0]?.extensions).toEqual({ code: 'BAD_INPUT', argument: 'id', expected: 'a value of type ID!' });
  });

  test('of a variable that is null where a default stood', async () => {
    const { status, errors } = await world.ask(null, 'query ($id: ID = "u1") { node(id: $id) { id } }', { id: null });
    expect([status, errors[0]?.extensions]).toEqual([
      200,
      { code: 'BAD_INPUT', argument: 'id', expected: 'a value, not null' },
    ]);
  });

  test.each([
    { name: 'a word', query: `{ user(id: "u1") { id } } ${CANARY}` },
    { name: 'a text', query: `{ "${CANARY}" }` },
    { name: 'a number', query: '{ 4711.4711 }' },
    { name: 'a text without end', query: `{ user(id: "${CANARY}` },
    { name: 'a sign', query: `{ user(id: "u1") { id } } \u{1F511}${CANARY}` },
    { name: 'a wrong escape', query: `{ user(id: "${CANARY}\\q") { id } }` },
  ])('of a document that stumbles over $name', async ({ query }) => {
    const { errors } = await world.ask(null, query);
    expect(errors).toEqual([
      {
        message: 'The document is not GraphQL: something else is expected here.',
        locations: [expect.any(Object)],
        extensions: { code: 'GRAPHQL_PARSE_FAILED' },
      },
    ]);
  });
});

describe('the schema', () => {
  const SCHEMA = '{ __schema { queryType { name } } }';

  test('is told to nobody where nothing is configured', async () => {
    const { errors } = await guarded({ introspection: false }, (closed) => closed.ask(member('u1'), SCHEMA));
    expect(errors[0]?.message).toBe('This gateway does not tell its schema.');
  });

  test('is told where tools may ask', async () => {
    expect((await world.ask(null, SCHEMA)).data).toEqual({ __schema: { queryType: { name: 'Query' } } });
  });
});

describe('a page of another origin', () => {
  const PREFLIGHT = {
    origin: APP,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  };
  const preflight = ({ gateway }: TestWorld) =>
    gateway.fetch(new Request(`${ORIGIN}/graphql`, { method: 'OPTIONS', headers: PREFLIGHT }));

  test('on the list reads answers and refusals alike', async () => {
    await guarded({ corsOrigins: [APP] }, async (open) => {
      expect((await preflight(open)).headers.get('access-control-allow-origin')).toBe(APP);
      for (const headers of [{}, { authorization: 'Bearer x' }, { 'content-type': 'text/plain' }]) {
        const response = await open.post({ query: '{ __typename }' }, { origin: APP, ...headers });
        expect(response.headers.get('access-control-allow-origin')).toBe(APP);
        expect(response.headers.get('access-control-allow-credentials')).toBeNull();
      }
    });
  });

  test('reads nothing else of the gateway', async () => {
    await guarded({ corsOrigins: [APP] }, async ({ gateway }) => {
      const response = await gateway.fetch(new Request(`${ORIGIN}/health/live`, { headers: { origin: APP } }));
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    });
  });

  test('asks in vain where there is no list', async () => {
    expect((await preflight(world)).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a caller over its rate of requests', () => {
  test('is told so, and nobody else is', async () => {
    await guarded({ rates: { caller: 2, partner: 2 } }, async (limited) => {
      const me = member('u1');
      const answers = await Promise.all([0, 1, 2].map(() => limited.ask(me, '{ __typename }')));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.map(({ errors, headers }) => [errors[0]?.extensions, headers.get('retry-after')])).toEqual([
        [{ code: 'RATE_LIMITED' }, '1'],
      ]);
      expect((await limited.ask(null, '{ __typename }')).status).toBe(200);
    });
  });

  test('is the same caller under any x-forwarded-for header', async () => {
    await guarded({ rates: { caller: 1, partner: 1 } }, async (limited) => {
      const statuses = await Promise.all(
        ['198.51.100.1', '198.51.100.2'].map(
          async (address) => (await limited.ask(null, '{ __typename }', {}, { 'x-forwarded-for': address })).status,
        ),
      );
      expect(statuses.sort()).toEqual([200, 429]);
    });
  });
});

describe('an address with more bad tokens than a caller may send requests', () => {
  test('is refused before they are read, and nobody else is', async () => {
    await guarded({ rates: { caller: 3, partner: 3 }, proxies: 1 }, async (limited) => {
      const [known, fresh] = await Promise.all([limited.token(member('u1')), limited.token(member('u1'))]);
      const statusOf = async (address: string, token?: string) => {
        const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
        const headers = { ...authorization, 'x-forwarded-for': address };
        return (await limited.post({ query: '{ __typename }' }, headers)).status;
      };
      const bad = known.replace(/.{9}$/, 'AAAAAAAAA');
      expect(await statusOf('192.0.2.1', known)).toBe(200);
      for (const status of [401, 401, 401, 429, 429]) expect(await statusOf('192.0.2.1', bad)).toBe(status);
      expect(await statusOf('192.0.2.1', known)).toBe(200);
      expect(await statusOf('192.0.2.1')).toBe(200);
      expect(await statusOf('192.0.2.2', bad)).toBe(401);
      expect(await statusOf('192.0.2.2', fresh)).toBe(200);
    });
  });
});

describe('an operation that takes too long', () => {
  test('is answered all the same, and shows nothing', async () => {
    await guarded({ timeLimit: 0 }, async (hasty) => {
      const { status, data, errors } = await hasty.ask(member('u1'), '{ me { consents { at } } }');
      expect([status, data, errors[0]?.extensions]).toEqual([504, undefined, { code: 'TIMEOUT' }]);
    });
  });
});

describe('where only listed documents are run', () => {
  const documents = new Map([['me', '{ me { avatarName } }']]);

  test('one is run by its id, for the caller of the token', async () => {
    await guarded({ documents }, async (trusting) => {
      const authorization = `Bearer ${await trusting.token(member('u1'))}`;
      const response = await trusting.post({ documentId: 'me' }, { authorization });
      expect(await response.json()).toEqual({ data: { me: { avatarName: 'Neko' } } });
      const byGet = await trusting.gateway.fetch(new Request(`${ORIGIN}/graphql?documentId=me`));
      expect(await byGet.json()).toEqual({ data: { me: null } });
    });
  });

  test('nothing else is', async () => {
    const { status, errors } = await guarded({ documents }, (trusting) => trusting.ask(member('u1'), '{ me { id } }'));
    expect([status, errors[0]?.extensions]).toEqual([403, { code: 'DOCUMENT_NOT_TRUSTED' }]);
  });
});
