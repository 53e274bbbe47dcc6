import fc from 'fast-check';
import { parse, validate, visit } from 'graphql';
import { decodeJwt, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../../src/gateway/schema.ts';
import { examplesFor } from '../../src/http/graphiql/examples.ts';
import { createExplorerRoutes } from '../../src/http/graphiql/explorer-routes.ts';
import { renderExplorer } from '../../src/http/graphiql/page.ts';
import { createPersonaRoutes, type Persona, VISITOR } from '../../src/http/graphiql/personas.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import { compile } from '../../src/policy/compile.ts';
import { castOf } from '../support/cast.ts';
import { referencePolicy, referenceTable } from '../support/policy.ts';

const ORIGIN = 'http://127.0.0.1:4000';
const NOW = new Date('2026-01-01T12:00:00Z');

const neko: Persona = {
  id: 'self',
  label: 'Neko',
  group: 'SELF',
  description: 'The person.',
  audience: 'MEMBER',
  claims: { kind: 'member', sub: 'u1' },
};
const offers: Persona = {
  id: 'offers',
  label: 'Offers & more',
  group: 'PARTNER',
  description: 'Sends offers.',
  audience: 'OFFERS',
  claims: { kind: 'partner', sub: 'c1', purpose: 'targeted-offers', scope: 'name email' },
  knowsPersonAs: 'pairwise-1',
};
const bear: Persona = {
  id: 'bear',
  label: 'Bear',
  group: 'MEMBER',
  description: 'Another member.',
  audience: 'MEMBER',
  claims: { kind: 'member', sub: 'u2' },
};
const support: Persona = {
  id: 'support',
  label: 'Support',
  group: 'STAFF',
  description: 'Customer support.',
  audience: 'STAFF_SUPPORT',
  claims: { kind: 'staff', sub: 's1', role: 'support', purpose: 'customer-support' },
};
const personas = [VISITOR, neko, offers];

const secret = new TextEncoder().encode('a secret of the tests, long enough for HS256');

const sign = ({ sub, ...claims }: CallerClaims, issuedAt: Date, expiresAt: Date) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(secret);

describe('the routes of a development gateway', () => {
  const routes = createPersonaRoutes({ cast: castOf(personas), sign, clock: { now: () => NOW } });

  const ask = async (headers: Record<string, string>, body: string) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
    const response = await routes(new Request(`${ORIGIN}/dev/token`, init));
    return {
      status: response?.status,
      headers: response?.headers,
      body: (await response?.json()) as Record<string, string>,
    };
  };

  test('hand out a token of the persona that lasts a quarter of an hour', async () => {
    const { status, headers, body } = await ask({ origin: ORIGIN }, '{"persona":"offers"}');
    expect(status).toBe(200);
    expect(headers?.get('cache-control')).toBe('no-store');
    expect(body.expiresAt).toBe('2026-01-01T12:15:00.000Z');
    expect(decodeJwt(body.token ?? '')).toEqual({
      ...offers.claims,
      iat: NOW.getTime() / 1000,
      exp: NOW.getTime() / 1000 + 900,
    });
  });

  test.each([
    { name: 'the same origin by its name', headers: { origin: ORIGIN }, status: 200 },
    { name: 'the same origin by the browser', headers: { 'sec-fetch-site': 'same-origin' }, status: 200 },
    { name: 'the same host behind TLS', headers: { origin: 'https://127.0.0.1:4000' }, status: 200 },
    { name: 'a request that says nothing', headers: {}, status: 403 },
    { name: 'another origin', headers: { origin: 'https://evil.example' }, status: 403 },
    { name: 'another port', headers: { origin: 'http://127.0.0.1:4001' }, status: 403 },
    { name: 'an opaque origin', headers: { origin: 'null' }, status: 403 },
    { name: 'another site by the browser', headers: { origin: ORIGIN, 'sec-fetch-site': 'cross-site' }, status: 403 },
    { name: 'the same site only', headers: { 'sec-fetch-site': 'same-site' }, status: 403 },
    { name: 'a form', headers: { origin: ORIGIN, 'content-type': 'text/plain' }, status: 415 },
    {
      name: 'JSON with a charset',
      headers: { origin: ORIGIN, 'content-type': 'Application/JSON; charset=utf-8' },
      status: 200,
    },
  ])('answer $status to $name', async ({ headers, status }) => {
    const answer = await ask(headers as Record<string, string>, '{"persona":"self"}');
    expect(answer.status).toBe(status);
    expect('token' in answer.body).toBe(status === 200);
  });

  test.each([
    { name: 'an id that is not listed', body: '{"persona":"root"}', status: 404 },
    { name: 'a visitor without a token', body: '{"persona":"visitor"}', status: 404 },
    { name: 'claims of its own', body: '{"persona":"self","claims":{"kind":"staff"}}', status: 400 },
    { name: 'a list', body: '["self"]', status: 400 },
    { name: 'a body that is not JSON', body: '{', status: 400 },
  ])('answer $name with a problem', async ({ body, status }) => {
    const answer = await ask({ origin: ORIGIN }, body);
    expect(answer.headers?.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toEqual({ type: 'about:blank', title: expect.any(String), status, detail: expect.any(String) });
    expect(answer.status).toBe(status);
  });

  test('list the personas', async () => {
    const response = await routes(new Request(`${ORIGIN}/dev/personas`));
    expect(await response?.json()).toEqual(personas);
  });

  test('list those that a search finds', async () => {
    const response = await routes(new Request(`${ORIGIN}/dev/personas?search=more`));
    expect(await response?.json()).toEqual([offers]);
  });

  test('hand out a token of the person that a persona knows by an id', async () => {
    const { body } = await ask({ origin: ORIGIN }, '{"persona":"offers","person":"pairwise-1"}');
    expect([body.subject, decodeJwt(body.token ?? '')]).toEqual([
      'u1',
      expect.objectContaining({ kind: 'member', sub: 'u1' }),
    ]);
    for (const person of ['u1', 'nobody'])
      expect((await ask({ origin: ORIGIN }, JSON.stringify({ persona: 'offers', person }))).status).toBe(404);
  });

  test.each([
    { method: 'GET', path: '/dev/token', allow: 'POST' },
    { method: 'DELETE', path: '/dev/personas', allow: 'GET, HEAD' },
  ])('refuse $method $path and name the methods that it takes', async ({ method, path, allow }) => {
    const response = await routes(new Request(`${ORIGIN}${path}`, { method }));
    expect([response?.status, response?.headers.get('allow')]).toEqual([405, allow]);
  });

  test.each(['/graphql', '/dev', '/dev/token/', '/dev/constructor'])('leave %s to others', async (path) => {
    expect(await routes(new Request(ORIGIN + path))).toBeNull();
  });
});

describe('the explorer page', () => {
  const { html, headers } = renderExplorer({ endpoint: '/graphql', table: referenceTable, personas });

  test('names nothing outside its own origin', () => {
    const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address = '']) => address);
    expect(addresses.length).toBeGreaterThan(3);
    expect(addresses.filter((address) => !/^(\/(?!\/)|data:)/.test(address))).toEqual([]);
    expect(headers['content-security-policy']).not.toMatch(/https?:|\*/);
  });

  test('runs no inline script, and its policy would not let one run', () => {
    const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)([^>]*)>/g)].map(([, attributes]) => attributes);
    expect(inline).toEqual([' id="config" type="application/json"']);
    expect(headers['content-security-policy']).toContain("script-src 'self';");
  });

  test('groups the callers in a labelled choice', () => {
    expect(html).toContain('<label for="caller">');
    expect([...html.matchAll(/<optgroup label="([^"]*)"/g)].map(([, label]) => label)).toEqual([
      'Visitor',
      'The person',
      'Partners',
    ]);
    expect(html).toContain('>Offers &#38; more</option>');
  });

  test('lets no name of a persona become markup', () => {
    const hostile = '"></script><script>alert(1)</script>';
    const page = renderExplorer({
      endpoint: '/graphql',
      table: referenceTable,
      personas: [{ ...VISITOR, id: hostile, label: hostile, description: hostile }],
    });
    expect(page.html).not.toContain('<script>');
    expect(configOf(page.html).personas[0].description).toBe(hostile);
  });

  test('has no switcher without personas, and says how to paste a token', () => {
    const page = renderExplorer({ endpoint: '/graphql', table: referenceTable });
    expect(page.html).not.toContain('<select');
    expect(page.html).toContain('Authorization');
    expect(configOf(page.html).personas).toEqual([]);
  });

  const configOf = (page: string) => JSON.parse(/type="application\/json">(.*)<\/script>/.exec(page)?.[1] ?? '');
});

describe('the routes of the explorer', () => {
  const routes = createExplorerRoutes({
    endpoint: '/graphql',
    table: referenceTable,
    listPersonas: async () => personas,
  });
  const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
  const get = (path: string, headers: Record<string, string>) => routes(new Request(ORIGIN + path, { headers }));

  test('answer a browser with the page', async () => {
    const response = await get('/graphql?query={me{id}}', browser);
    expect(response?.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response?.text()).toContain('<select id="caller"');
  });

  test.each([
    { name: 'a client that takes JSON', path: '/graphql', headers: { accept: 'application/json, text/html;q=0.1' } },
    { name: 'a client that takes anything', path: '/graphql', headers: { accept: '*/*' } },
    { name: 'another path', path: '/graphqlx', headers: browser },
    { name: 'a file that is not there', path: '/graphql/explorer/../../package.json', headers: browser },
    { name: 'a name every object has', path: '/graphql/explorer/constructor', headers: browser },
  ])('leave $name to others', async ({ path, headers }) => {
    expect(await get(path, headers as Record<string, string>)).toBeNull();
  });

  test('leave operations to the endpoint', async () => {
    expect(await routes(new Request(`${ORIGIN}/graphql`, { method: 'POST', headers: browser, body: '{}' }))).toBeNull();
  });

  test('serve every file the page names, and not again to a browser that has it', async () => {
    const { html } = renderExplorer({ endpoint: '/graphql', table: referenceTable });
    const files = [...html.matchAll(/"(\/graphql\/explorer\/[^"]+\.\w+)"/g)].map(([, path = '']) => path);
    expect(files).toHaveLength(5);
    for (const file of files) {
      const first = await get(file, {});
      expect([file, first?.status, first?.headers.get('content-type')]).toEqual([
        file,
        200,
        file.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
      ]);
      expect((await get(file, { 'if-none-match': first?.headers.get('etag') ?? '' }))?.status).toBe(304);
    }
  });
});

describe('the examples', () => {
  const titles = (tabs: { query: string }[]) => tabs.map(({ query }) => /^query (\w+)/m.exec(query)?.[1]);

  test('hold one tab for each kind of caller, each opening with the name of its view', () => {
    const tabs = examplesFor(personas, referenceTable);
    expect(titles(tabs)).toEqual(['Everyone', 'Visitor', 'Myself', 'Member', 'Partner', 'Support', 'Explain']);
    expect(tabs.every(({ query }) => query.startsWith('# '))).toBe(true);
  });

  test('begin as the caller of each tab; the first as the person, who sees everything', () => {
    const callers = examplesFor([...personas, bear, support], referenceTable).map(({ caller }) => caller);
    expect(callers).toEqual(['self', 'visitor', 'self', 'bear', 'offers', 'support', 'self']);
  });

  test('leave the caller open where there is none of the kind', () => {
    const callers = examplesFor(personas, referenceTable).map(({ caller }) => caller);
    expect(callers).toEqual(['self', 'visitor', 'self', undefined, 'offers', undefined, 'self']);
  });

  test('stay well-formed for any id', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (sub, client) => {
        const strangers = [
          { ...neko, claims: { kind: 'member' as const, sub } },
          { ...offers, claims: { kind: 'partner' as const, sub: client, purpose: 'targeted-offers', scope: 'name' } },
        ];
        const values = examplesFor(strangers, referenceTable).flatMap(({ query }) => stringsIn(query));
        expect(new Set(values)).toEqual(new Set([sub, client, 'targeted-offers']));
      }),
    );
  });

  test('have placeholders where no personas are known', () => {
    const [first, ...others] = examplesFor([], referenceTable);
    expect(JSON.parse(first?.variables ?? '')).toEqual({ person: 'PERSON_ID' });
    expect(new Set(others.flatMap(({ query }) => stringsIn(query)))).toContain('CLIENT_ID');
  });

  test('are valid against the schema', () => {
    const schema = buildSchema(compile([referencePolicy], referencePolicy.version));
    const faults = examplesFor(personas, referenceTable).flatMap(({ query }) => validate(schema, parse(query)));
    expect(faults.map(({ message }) => message)).toEqual([]);
  });
});

/** Every string literal of a query. */
function stringsIn(query: string): string[] {
  const found: string[] = [];
  visit(parse(query), { StringValue: ({ value }) => void found.push(value) });
  return found;
}
