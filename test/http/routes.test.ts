import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createExplorerRoutes } from '../../src/http/graphiql/explorer-routes.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { referenceTable } from '../support/policy.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { createWorld, partner, type TestWorld } from '../support/world.ts';

const ORIGIN = 'http://gateway.test';
const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const PARTNER = { clientId: 'mailer', name: 'Mailer', kind: 'EMAIL_PROVIDER', jurisdiction: 'US' };
const CONTRACT = { contract: { purposes: ['imvu-newsletter'] } };

let store: TestStore;
let world: TestWorld;
/** The same, with the explorer. */
let explored: TestWorld;
beforeAll(async () => {
  store = await openTestStore();
  const people = [{ id: 'u1', avatarName: 'Neko', email: 'neko@example.com' }];
  world = await createWorld({ users: people, partners: [{ ...PARTNER, ...CONTRACT }] }, { store, observed: true });
  explored = await createWorld(
    {},
    { store, routes: [createExplorerRoutes({ endpoint: '/graphql', table: referenceTable })] },
  );
});
afterAll(async () => {
  await explored.close();
  await world.close();
  await store.drop();
});

const send = (method: string, path: string, headers: Record<string, string> = {}, { gateway } = world) =>
  gateway.fetch(new Request(ORIGIN + path, { method, headers }));
const allowed = ({ headers }: Response) => (headers.get('allow') ?? '').split(', ').sort();

const READ = ['GET', 'HEAD'];
const READ_OR_ACT = ['GET', 'HEAD', 'POST'];

/** Every route, with the methods that it takes. */
const ROUTES = [
  { path: '/', takes: READ },
  { path: '/graphql?query={__typename}', takes: READ_OR_ACT },
  { path: '/health/live', takes: READ },
  { path: '/health/ready', takes: READ },
  { path: '/metrics', takes: READ },
  { path: '/policy', takes: READ },
  { path: '/policy/2014-09-12', takes: READ },
  { path: '/policy/diff/2014-09-12/2014-09-12', takes: READ },
  { path: '/.well-known/jwks.json', takes: READ },
  { path: '/.well-known/gpc.json', takes: READ },
  { path: '/.well-known/oauth-protected-resource', takes: READ },
  { path: '/.well-known/oauth-protected-resource/graphql', takes: READ },
  { path: '/unsubscribe/token', takes: READ_OR_ACT },
  { path: '/verify/token', takes: READ_OR_ACT },
];
const OTHERS = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];

/** The headers of an answer, but for the id, which differs from one answer to the next. */
const steady = ({ headers }: Response) => {
  const { 'x-request-id': _, ...rest } = Object.fromEntries(new Headers([...headers]));
  return rest;
};

describe('a route', () => {
  test.each(ROUTES)('$path answers HEAD as GET, without the body', async ({ path }) => {
    const [got, head] = [await send('GET', path), await send('HEAD', path)];
    expect([head.status, steady(head)]).toEqual([got.status, steady(got)]);
    expect(got.status).toBe(200);
    expect(await got.text()).not.toBe('');
    expect(await head.text()).toBe('');
    expect(head.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each(
    ROUTES.flatMap(({ path, takes }) => OTHERS.map((method) => ({ path, takes, method }))).filter(
      ({ takes, method }) => !takes.includes(method),
    ),
  )('$path answers $method with 405 and the methods that it takes', async ({ path, takes, method }) => {
    const response = await send(method, path);
    expect([response.status, allowed(response)]).toEqual([405, takes]);
  });

  test.each(['GET', 'HEAD', 'POST', 'DELETE'])('that is not there answers %s with 404', async (method) => {
    expect((await send(method, '/nothing')).status).toBe(404);
  });

  test('that is switched off is not there for any method', async () => {
    for (const method of ['GET', 'HEAD', 'DELETE'])
      for (const path of ['/metrics', '/dev/personas', '/dev/token'])
        expect((await send(method, path, {}, explored)).status).toBe(404);
  });

  test('answers HEAD over the network as well', async () => {
    const server: HttpServer = createHttpServer(world.gateway.fetch);
    const port = await server.listen(0, '127.0.0.1');
    for (const { path } of ROUTES) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'HEAD' });
      expect([path, response.status, await response.text()]).toEqual([path, 200, '']);
    }
    await server.drain({ delay: 0, limit: 1_000 });
  });
});

describe('HEAD of an operation', () => {
  test('does the same as GET: data shown to a partner is on record', async () => {
    const { data } = await world.ask({ kind: 'member', sub: 'u1' }, '{ me { partnerId(clientId: "mailer") } }');
    const token = await world.token(partner('mailer', 'imvu-newsletter', 'email'));
    const query = encodeURIComponent(`{ user(id: "${data.me.partnerId}") { email } }`);
    const head = await send('HEAD', `/graphql?query=${query}`, { authorization: `Bearer ${token}` });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const record = await world.ask({ kind: 'member', sub: 'u1' }, '{ me { thirdPartyShares { categories } } }');
    expect(record.data).toEqual({ me: { thirdPartyShares: [{ categories: ['EMAIL'] }] } });
  });

  test('runs no mutation', async () => {
    const query = encodeURIComponent('mutation { recordMachine(system: LINUX) }');
    const head = await send('HEAD', `/graphql?query=${query}`);
    expect([head.status, head.headers.get('allow'), await head.text()]).toEqual([405, 'POST', '']);
  });

  test('is refused as GET is: with a bad token, and without an operation', async () => {
    expect((await send('HEAD', '/graphql?query={__typename}', { authorization: 'Bearer x' })).status).toBe(401);
    expect((await send('HEAD', '/graphql')).status).toBe(400);
  });
});

describe('/', () => {
  test('leads a browser to the explorer where that is on', async () => {
    for (const method of ['GET', 'HEAD']) {
      const response = await send(method, '/', BROWSER, explored);
      expect([response.status, response.headers.get('location')]).toEqual([302, '/graphql']);
    }
    const page = await send('GET', '/graphql', BROWSER, explored);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const head = await send('HEAD', '/graphql', BROWSER, explored);
    expect([head.status, steady(head), await head.text()]).toEqual([200, steady(page), '']);
  });

  test.each(['POST', 'DELETE'])('answers %s with 405 where the explorer is on, too', async (method) => {
    const response = await send(method, '/', BROWSER, explored);
    expect([response.status, allowed(response)]).toEqual([405, READ]);
  });

  test('tells a browser about the gateway where the explorer is off', async () => {
    const response = await send('GET', '/', BROWSER);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const html = await response.text();
    for (const part of [
      '<html lang="en">',
      '<title>Assent</title>',
      '<main><h1>Assent</h1>',
      '2014-09-12',
      'README.md',
    ])
      expect(html).toContain(part);
  });

  test('the page loads nothing, and may run nothing', async () => {
    const response = await send('GET', '/', BROWSER);
    const html = await response.text();
    expect(html).not.toMatch(/<script|<link|<img|src=|style="|https?:/);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
  });

  test('the links of the page lead to the policy and to the state of the gateway', async () => {
    const html = await (await send('GET', '/', BROWSER)).text();
    const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, address = '']) => address);
    expect(links).toEqual(['/policy', '/health/ready']);
    for (const address of links) expect((await send('GET', address, BROWSER)).status).toBe(200);
  });

  test.each([
    {},
    { accept: '*/*' },
    { accept: 'application/json' },
  ])('tells a program the same in JSON: %o', async (headers) => {
    for (const of of [world, explored]) {
      const response = await send('GET', '/', headers as Record<string, string>, of);
      expect(await response.json()).toMatchObject({
        name: 'Assent',
        endpoint: '/graphql',
        policyVersion: '2014-09-12',
        policy: '/policy',
      });
    }
  });
});
