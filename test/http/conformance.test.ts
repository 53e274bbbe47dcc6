import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type TestWorld } from '../support/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const ADDRESS = 'http://gateway.test/graphql';

describe('GraphQL over HTTP, for a caller allowed to introspect', () => {
  const audits = serverAudits({
    url: ADDRESS,
    fetchFn: (url: string, init?: RequestInit) => world.gateway.fetch(new Request(url, init)),
  });

  test.each(audits)('$id: $name', async (audit) => {
    const result = await audit.fn();
    expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok');
  });

  test('is audited in full', () => {
    expect(audits.length).toBeGreaterThan(60);
  });
});

describe('a fault has the status that its media type gives it', () => {
  const post = async (body: object, accept: string) => {
    const response = await world.post(body, { accept });
    const { data, errors } = (await response.json()) as { data?: unknown; errors: { extensions: { code: string } }[] };
    return { status: response.status, code: errors[0]?.extensions.code, data };
  };

  test.each([
    { name: 'a document that does not parse', body: { query: '{' }, code: 'GRAPHQL_PARSE_FAILED', plain: 200 },
    {
      name: 'a document that does not fit',
      body: { query: '{ nothing }' },
      code: 'GRAPHQL_VALIDATION_FAILED',
      plain: 200,
    },
    {
      name: 'a kind of operation that is not served',
      body: { query: 'subscription { me { id } }' },
      code: 'GRAPHQL_VALIDATION_FAILED',
      plain: 200,
    },
    {
      name: 'a document that asks for too much',
      body: { query: `{ ${'__typename '.repeat(200)} }` },
      code: 'TOO_COMPLEX',
      plain: 200,
    },
    {
      name: 'a variable that does not fit',
      body: { query: 'query ($id: ID!) { user(id: $id) { id } }', variables: { id: null } },
      code: 'BAD_INPUT',
      plain: 200,
    },
    {
      name: 'an operation that is not there',
      body: { query: 'query A { me { id } }', operationName: 'B' },
      code: 'BAD_REQUEST',
      plain: 400,
    },
    {
      name: 'a choice that is not made',
      body: { query: 'query A { me { id } } query B { me { id } }' },
      code: 'BAD_REQUEST',
      plain: 400,
    },
    { name: 'a request without a document', body: {}, code: 'BAD_REQUEST', plain: 400 },
  ])('$name', async ({ body, code, plain }) => {
    expect(await post(body, 'application/json')).toEqual({ status: plain, code, data: undefined });
    expect(await post(body, 'application/graphql-response+json')).toEqual({ status: 400, code, data: undefined });
  });
});

describe('a mutation is run by POST alone', () => {
  const mutation = 'mutation { recordMachine(system: LINUX) }';
  const get = (parameters: Record<string, string>) =>
    world.gateway.fetch(new Request(`${ADDRESS}?${new URLSearchParams(parameters)}`));

  test.each([
    { name: 'the only operation', parameters: { query: mutation } },
    {
      name: 'the one that is named',
      parameters: { query: `query A { me { id } } mutation B { recordMachine(system: LINUX) }`, operationName: 'B' },
    },
  ])('and by GET refused: $name', async ({ parameters }) => {
    const response = await get(parameters as Record<string, string>);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED' } }] });
  });

  test('while a query beside it may be run by GET', async () => {
    const response = await get({
      query: `query A { __typename } ${mutation.replace('mutation', 'mutation B')}`,
      operationName: 'A',
    });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  });
});
