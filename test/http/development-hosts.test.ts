import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExplorerRoutes } from '../../src/http/graphiql/explorer-routes.ts';
import { createPersonaRoutes, type Persona, VISITOR } from '../../src/http/graphiql/personas.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { castOf } from '../support/cast.ts';
import { referenceTable } from '../support/policy.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { createWorld, type TestWorld } from '../support/world.ts';

// A page of a foreign name that leads to this machine is of the same origin as the gateway, as far as a browser can tell.

const PUBLIC_URL = 'https://assent.example';
const SECRET = 'a-token-of-the-person';
const neko: Persona = {
  ...{ id: 'self', label: 'Neko', group: 'SELF', description: 'The person.', audience: 'MEMBER' },
  claims: { kind: 'member', sub: 'neko-id' },
};

let store: TestStore;
let world: TestWorld;
let server: HttpServer;
let port: number;
beforeAll(async () => {
  store = await openTestStore();
  const cast = castOf([VISITOR, neko]);
  const clock = { now: () => new Date() };
  const routes = [
    createExplorerRoutes({
      endpoint: '/graphql',
      table: referenceTable,
      listPersonas: cast.first,
      publicUrl: PUBLIC_URL,
    }),
    createPersonaRoutes({ cast, sign: async () => SECRET, clock, publicUrl: PUBLIC_URL }),
  ];
  world = await createWorld({}, { store, routes });
  server = createHttpServer(world.gateway.fetch);
  port = await server.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await server.drain({ delay: 0, limit: 1_000 });
  await world.close();
  await store.drop();
});

/** Sends the request that a page of `host` would, with every header that a browser adds for its own origin. */
const send = (host: string, method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  new Promise<{ status: number | undefined; type: string | undefined; body: string }>((resolve, reject) => {
    const sent = {
      host,
      origin: `http://${host}`,
      referer: `http://${host}/`,
      'sec-fetch-site': 'same-origin',
      ...headers,
    };
    request({ host: '127.0.0.1', port, method, path, headers: sent }, (incoming) => {
      const { statusCode: status, headers: received } = incoming;
      text(incoming).then((read) => resolve({ status, type: received['content-type'], body: read }), reject);
    })
      .on('error', reject)
      .end(body);
  });

const askToken = (host: string, headers: Record<string, string> = {}) =>
  send(host, 'POST', '/dev/token', { 'content-type': 'application/json', ...headers }, '{"persona":"self"}');

const OWN = [
  ...[
    'localhost',
    'LOCALHOST',
    'localhost.',
    'app.localhost',
    'a.b.localhost',
    '127.0.0.1',
    '127.0.0.2',
    '127.255.255.254',
  ],
  ...['[::1]', '[::ffff:127.0.0.1]', '[0:0:0:0:0:0:0:1]', 'assent.example', 'ASSENT.example'],
];
const FOREIGN = [
  ...['evil.test', 'localhost.evil.test', 'evil-localhost', 'notlocalhost', '127.0.0.1.evil.test', '127.evil.test'],
  ...['0.0.0.0', '192.168.1.5', '10.0.0.1', '128.0.0.1', '[::]', '[::2]', '[fe80::1]', '[::ffff:10.0.0.1]'],
  ...['evil.assent.example', 'assent.example.evil.test', 'xassent.example', 'gateway'],
];
const withPorts = (hosts: readonly string[]) => hosts.flatMap((host) => [host, `${host}:4000`]);

describe.each(withPorts(OWN))('under the host %s', (host) => {
  test('a page is given tokens and the callers to choose from', async () => {
    const issued = await askToken(host);
    expect([issued.status, JSON.parse(issued.body).token]).toEqual([200, SECRET]);
    const listed = await send(host, 'GET', '/dev/personas');
    expect([listed.status, JSON.parse(listed.body)]).toEqual([200, [VISITOR, neko]]);
    expect((await send(host, 'GET', '/graphql', { accept: 'text/html' })).body).toContain('neko-id');
  });
});

describe.each(withPorts(FOREIGN))('under the host %s', (host) => {
  test('a page is given neither tokens nor the callers to choose from', async () => {
    for (const answer of [await askToken(host), await send(host, 'GET', '/dev/personas')]) {
      expect([answer.status, answer.type]).toEqual([403, 'application/problem+json']);
      expect(answer.body).not.toContain(SECRET);
      expect(answer.body).not.toContain('neko-id');
    }
    const page = await send(host, 'GET', '/graphql', { accept: 'text/html' });
    expect(page.status).toBe(200);
    expect(page.body).not.toContain('neko-id');
  });
});

test.each([
  { name: 'an origin of loopback', headers: { origin: 'http://127.0.0.1:4000' } },
  { name: 'a forwarded host', headers: { 'x-forwarded-host': 'localhost', forwarded: 'host=localhost' } },
  { name: 'nothing of its origin but that it is the same', headers: { origin: 'null' } },
])('a foreign host is one with $name, too', async ({ headers }) => {
  expect((await askToken('evil.test', headers as Record<string, string>)).status).toBe(403);
});

test('a page of another origin gets no token under a host of its own either', async () => {
  const headers = { origin: 'http://evil.test', 'sec-fetch-site': 'cross-site' };
  expect((await askToken('localhost', headers)).status).toBe(403);
});
