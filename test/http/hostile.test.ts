import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServerAdapter } from '@whatwg-node/server';
import { getIntrospectionQuery, getNamedType, isObjectType, isRequiredArgument } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSchema } from '../../src/gateway/schema.ts';
import { DEFAULT_RATES } from '../../src/http/guards/limits.ts';
import { createCommandLog, tallyOf } from '../support/commands.ts';
import { createWorld, member, type TestWorld } from '../support/world.ts';

const self = member('u1');

let world: TestWorld;
let server: Server;
let address: string;
beforeAll(async () => {
  world = await createWorld(
    {
      users: [
        {
          id: 'u1',
          avatarName: 'Neko',
          name: 'Nora',
          photos: [{ id: 'p1', url: 'https://a.example/p', caption: 'x' }],
        },
      ],
    },
    { guards: { rates: DEFAULT_RATES } },
  );
  server = createServer(createServerAdapter(world.gateway.fetch)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await world.close();
});

const times = (count: number, part: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => part(n)).join(' ');

/** Fragments that each spread the next ten times: 591 bytes that ask for ten thousand million fields. */
const bomb = `{ me { ...F0 } } ${times(10, (n) => `fragment F${n} on User { ${n < 9 ? `...F${n + 1} `.repeat(10) : 'name'} }`)}`;

/** Fragments on the schema that each lead to the next. */
const schemaFragments = (count: number, next: (name: string) => string) =>
  times(count, (n) => `fragment F${n} on __Type { ${n < count - 1 ? next(`F${n + 1}`) : 'name'} }`);

const FIELDS = 'fields { name args { name type { name ofType { name } } } }';
const introspection = getIntrospectionQuery();

interface Hostile {
  readonly name: string;
  readonly query: string;
  /** As JSON. */
  readonly variables?: string;
  readonly limit: string;
}

const HOSTILE: readonly Hostile[] = [
  { name: 'a bomb of fragments, ten levels deep', query: bomb, limit: 'cost' },
  {
    name: 'a query fifty levels deep',
    query: `{ explain(subject: "u1", category: EMAIL, recipient: "x") { clauses { conditions { ${'of { '.repeat(47)} says ${'} '.repeat(47)} } } } }`,
    limit: 'depth',
  },
  { name: 'a thousand aliases', query: `{ me { ${times(1000, (n) => `a${n}: name`)} } }`, limit: 'aliases' },
  { name: 'the same field two thousand times', query: `{ me { ${'name '.repeat(1900)} } }`, limit: 'repeats' },
  {
    name: 'a list of 20,000 items',
    query: `mutation { removePhotos(ids: [${times(20_000, () => '1')}]) { id } }`,
    limit: 'tokens',
  },
  {
    name: 'a list of 1,000 items',
    query: `mutation { removePhotos(ids: [${times(1_000, (n) => `"p${n}"`)}]) { id } }`,
    limit: 'items',
  },
  {
    name: 'a variable of 20,000 items',
    query: 'mutation ($ids: [ID!]) { removePhotos(ids: $ids) { id } }',
    variables: JSON.stringify({ ids: Array.from({ length: 20_000 }, () => 1) }),
    limit: 'items',
  },
  {
    name: 'an input of 5,000 fields',
    query: 'query ($input: PreferencesInput) { previewPreferences(input: $input) { change } }',
    variables: JSON.stringify({ input: Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`a${n}`, true])) }),
    limit: 'items',
  },
  {
    name: 'variables forty thousand lists deep',
    query: 'mutation ($ids: [ID!]) { removePhotos(ids: $ids) { id } }',
    variables: `{"ids":${'['.repeat(40_000)}${']'.repeat(40_000)}}`,
    limit: 'nesting',
  },
  {
    name: 'a value nine hundred lists deep',
    query: `{ user(id: ${'['.repeat(900)}${']'.repeat(900)}) { id } }`,
    limit: 'nesting',
  },
  {
    name: 'two hundred directives',
    query: `{ me { name ${'@skip(if: false) '.repeat(200)} } }`,
    limit: 'directives',
  },
  {
    name: 'two hundred fragments',
    query: `{ me { ${times(200, (n) => `...F${n}`)} } } ${times(200, (n) => `fragment F${n} on User { name }`)}`,
    limit: 'definitions',
  },
  { name: 'two hundred operations', query: times(200, (n) => `query Q${n} { me { name } }`), limit: 'definitions' },
  { name: 'a page without end', query: '{ users(first: 2147483647) { edges { node { name } } } }', limit: 'cost' },
  {
    name: 'a page without end by a variable',
    query: 'query ($n: Int) { users(first: $n) { edges { node { name } } } }',
    variables: '{"n":2147483647}',
    limit: 'cost',
  },
  {
    name: 'the schema five times over',
    query: `{ ${times(5, (n) => `s${n}: __schema { types { fields { args { name description defaultValue type { ...T } } type { ...T } } inputFields { type { ...T } } } }`)} } fragment T on __Type { kind name description ofType { kind name ofType { kind name ofType { kind name } } } enumValues { name description } }`,
    limit: 'cost',
  },
  {
    name: 'the schema four times over, as tools ask for it',
    query: `{ ${times(4, (n) => `s${n}: __schema { types { ...FullType } }`)} } ${introspection.slice(introspection.indexOf('fragment FullType'))}`,
    limit: 'cost',
  },
  {
    name: 'fields of types of fields, six hundred levels deep',
    query: `{ __schema { types { ${'fields { type { '.repeat(600)} name ${'} } '.repeat(600)} } } }`,
    limit: 'nesting',
  },
  {
    name: 'interfaces of possible types, ninety levels deep',
    query: `{ __schema { types { ${'possibleTypes { interfaces { '.repeat(90)} name ${'} } '.repeat(90)} } } }`,
    limit: 'cost',
  },
  {
    name: 'a bomb of fragments on the schema',
    query: `{ __schema { types { ...F0 } } } ${schemaFragments(10, (next) => `...${next} `.repeat(10))}`,
    limit: 'cost',
  },
  {
    name: 'a bomb of fragments on the schema without an answer',
    query: `{ __schema { types { ...F0 } } } ${schemaFragments(29, (next) => `a: ofType { ...${next} } b: ofType { ...${next} }`)}`,
    limit: 'cost',
  },
  {
    name: 'the fields of a type a hundred times',
    query: `{ ${times(100, (n) => `a${n}: __type(name: "Mutation") { ${FIELDS} }`)} }`,
    limit: 'cost',
  },
  {
    name: 'the fields of a type that a variable names, a hundred times',
    query: `query ($name: String!) { ${times(100, (n) => `a${n}: __type(name: $name) { ${FIELDS} }`)} }`,
    variables: '{"name":"Mutation"}',
    limit: 'cost',
  },
  {
    name: 'the fields of a type that a default names, a hundred times',
    query: `query ($name: String! = "Mutation") { ${times(100, (n) => `a${n}: __type(name: $name) { ${FIELDS} }`)} }`,
    limit: 'cost',
  },
];

const requestOf = ({ query, variables = '{}' }: Pick<Hostile, 'query' | 'variables'>) =>
  new Request(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"query":${JSON.stringify(query)},"variables":${variables}}`,
  });

/** The processor's time before another caller has its answer that asks right after, in milliseconds. */
async function waitOfAnother(): Promise<number> {
  const start = process.cpuUsage();
  const response = await fetch(requestOf({ query: '{ user(avatarName: "Neko") { avatarName } }' }));
  expect(await response.json()).toEqual({ data: { user: { avatarName: 'Neko' } } });
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

describe('a request for too much', { retry: 2 }, () => {
  test.each(HOSTILE)('is refused at once: $name', async (hostile) => {
    const [refused, wait] = await Promise.all([fetch(requestOf(hostile)), waitOfAnother()]);
    const { data, errors } = (await refused.json()) as { data?: unknown; errors: { extensions: object }[] };
    expect(data).toBeUndefined();
    expect(errors).toHaveLength(1);
    expect(errors[0]?.extensions).toMatchObject({ code: 'TOO_COMPLEX', limit: hostile.limit });
    expect(wait).toBeLessThan(250);
  });

  test.each(HOSTILE)('takes little of the processor: $name', async (hostile) => {
    await world.gateway.fetch(requestOf(hostile));
    const before = process.cpuUsage();
    await world.gateway.fetch(requestOf(hostile));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(100);
  });

  test('is refused before anything of a caller is read, but for the caller', async () => {
    const log = createCommandLog(world.store);
    await world.ask(self, '{ __typename }');
    const usual = tallyOf(log.take());
    await world.ask(self, bomb);
    expect(tallyOf(log.take())).toEqual(usual);
    await world.ask(null, bomb);
    expect(tallyOf(log.take())).toEqual({});
  });
});

describe('a body of ten megabytes', { retry: 2 }, () => {
  const SIZE = 10_000_000;

  /** Sends the body piece by piece; tells the answer, and how much had left by then. */
  const send = async (headers: Record<string, string | number>) => {
    const outgoing = request(address, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
    outgoing.on('error', () => {});
    let isAnswered = false;
    const answered = once(outgoing, 'response').finally(() => {
      isAnswered = true;
    });
    const piece = Buffer.alloc(50_000, 'x');
    let sent = 0;
    for (; sent < SIZE && !isAnswered; sent += piece.length)
      if (!outgoing.write(piece)) await Promise.race([once(outgoing, 'drain'), answered]);
    const [response] = await answered;
    let text = '';
    for await (const chunk of response) text += chunk;
    outgoing.destroy();
    return { status: response.statusCode, body: JSON.parse(text), sent, headers: response.headers };
  };

  test.each([
    { name: 'that says so', headers: { 'content-length': SIZE } },
    { name: 'that does not say so', headers: { 'transfer-encoding': 'chunked' } },
  ])('$name is cut off, and nobody waits for it', async ({ headers }) => {
    const [answer, wait] = await Promise.all([send(headers), waitOfAnother()]);
    expect(answer.status).toBe(413);
    expect(answer.body.errors[0].extensions).toEqual({ code: 'BODY_TOO_LARGE' });
    expect(answer.headers.connection).toBe('close');
    expect(answer.sent).toBeLessThan(SIZE);
    expect(wait).toBeLessThan(250);
  });
});

describe('a request that the guards let through', () => {
  /** Every field of a type and of the types it leads to, each type once on the way. */
  const everythingOf = (type: unknown, on: readonly string[] = []): string =>
    isObjectType(type)
      ? Object.values(type.getFields())
          .map((field) => {
            const needed = field.args.filter(isRequiredArgument).map(({ name }) => `${name}: "offers"`);
            const args = needed.length > 0 ? `(${needed.join(', ')})` : '';
            const of = getNamedType(field.type);
            if (!isObjectType(of)) return `${field.name}${args}`;
            return on.includes(of.name) ? '' : `${field.name}${args} { ${everythingOf(of, [...on, of.name])} }`;
          })
          .join(' ')
      : '';

  test('one full selection of a person with all lists', async () => {
    const selection = everythingOf(buildSchema(world.table).getType('User'), ['User']);
    expect(selection).toMatch(/thirdPartyShares \{.*clauses \{.*reveals \{/);
    const { data, errors } = await world.ask(self, `{ me { ${selection} } }`);
    expect(errors.map(({ path }) => path)).toEqual([]);
    expect(data.me).toMatchObject({ name: 'Nora', photos: [{ caption: 'x' }], transactions: [] });
  });

  test('two hundred requests of one caller, twenty at a time', async () => {
    const answers: unknown[] = [];
    const work = async () => {
      while (answers.length < 200) {
        const { status, data, errors } = await world.ask(self, '{ me { name } }');
        answers.push({ status, data, errors });
      }
    };
    await Promise.all(Array.from({ length: 20 }, work));
    for (const answer of answers) expect(answer).toEqual({ status: 200, data: { me: { name: 'Nora' } }, errors: [] });
  });
});
