import { Writable } from 'node:stream';
import { OperationTypeNode } from 'graphql';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createEnforcedSchema } from '../../src/gateway/schema.ts';
import { routeOf } from '../../src/http/access-log.ts';
import { faultOf } from '../../src/http/error-table.ts';
import { openStore } from '../../src/store/mongo/connection.ts';
import type { PersonDocument } from '../../src/subject/model.ts';
import { createCanary, findCanaries, formsOf } from '../support/canaries.ts';
import { type Operation, operationsOf } from '../support/operations.ts';
import { documentsIn } from '../support/people.ts';
import { createRelay, type Relay } from '../support/relay.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

// Any input, any stored value, any failure: none of it comes into the log.

const canaries: string[] = [];
const canary = () => {
  const value = createCanary();
  canaries.push(value);
  return value;
};

let log = '';
const stream = new Writable({
  write: (chunk, _encoding, done) => {
    log += chunk;
    done();
  },
});
const lines = (): Record<string, unknown>[] =>
  log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const noted = (message: string) => lines().filter(({ msg }) => msg === message);

const IP = '203.0.113.77';
const prints: ReturnType<typeof vi.spyOn>[] = [];

/** A part of the gateway that fails where it is asked for the n-th time, with a message that says too much. */
let failsAt = Number.POSITIVE_INFINITY;
const clock = {
  now: () => {
    failsAt -= 1;
    if (failsAt === 0) throw new RangeError(`no time for ${canary()}\n    at ${canary()}`);
    return new Date();
  },
};

let direct: TestStore;
let relay: Relay;
let world: TestWorld;

const ID = canary();
const person = {
  id: ID,
  avatarName: canary(),
  name: canary(),
  email: `${canary()}@example.com`,
  gender: canary(),
  birthDate: '1990-02-03',
  postalAddress: { street: canary(), city: canary(), postalCode: canary(), country: 'US' },
  cellPhone: canary(),
  photos: [{ id: 'p1', url: `https://example.com/${canary()}`, caption: canary() }],
  posts: [{ id: 'o1', forum: canary(), text: canary() }],
  preferences: { imvuNewsletter: true },
};

beforeAll(async () => {
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    prints.push(vi.spyOn(console, method).mockImplementation(() => {}));
  direct = await openTestStore();
  relay = createRelay();
  await relay.mend();
  const uri = relay.uri(direct.connection.name);
  const store = await openStore({ uri, dataDir: '', log: pino({ level: 'trace' }, stream) });
  world = await createWorld(
    {
      users: [person],
      partners: [
        {
          clientId: 'mailwing',
          name: 'Mailwing',
          kind: 'EMAIL_PROVIDER',
          jurisdiction: 'US',
          contract: { purposes: ['imvu-newsletter'] },
        },
      ],
    },
    { store: { ...store, drop: store.close }, clock, log: pino({ level: 'trace' }, stream) },
  );
});

afterAll(async () => {
  await relay.mend().catch(() => {});
  await world.close();
  await world.store.close();
  await relay.cut();
  await direct.drop();
  vi.restoreAllMocks();
});

const CALLERS = [
  null,
  member(ID),
  partner('mailwing', 'imvu-newsletter', 'name email'),
  staff('support', 'customer-support'),
  staff('legal', 'legal-process'),
];

const PLAUSIBLE: Record<string, (value: string) => unknown> = {
  EmailAddress: (value) => `${value}@example.com`,
  URL: (value) => `https://example.com/${value}`,
  Date: () => '1990-02-03',
  DateTime: () => '2026-01-31T12:00:00Z',
  CountryCode: () => 'US',
  PartnerKind: () => 'OFFERS',
  Purpose: () => 'imvu-newsletter',
  ConsentPurpose: () => 'targetedOffers',
  Int: () => 5,
  Float: () => 1.5,
  Boolean: () => true,
};

const plausible = (scalar: string) => {
  const value = canary();
  return PLAUSIBLE[scalar]?.(value) ?? value;
};

const everyOperation = (fill: (scalar: string) => unknown): Operation[] => {
  const schema = createEnforcedSchema(world.table);
  return [OperationTypeNode.QUERY, OperationTypeNode.MUTATION].flatMap((kind) =>
    // the account is needed to the end
    operationsOf(schema, kind, fill).filter(({ query }) => !query.includes('eraseAccount')),
  );
};

const askAll = async (operations: readonly Operation[]) => {
  for (const caller of CALLERS)
    for (const { query, variables } of operations)
      await world.ask(caller, query, variables, { 'x-forwarded-for': IP, 'user-agent': canary(), cookie: canary() });
};

const get = (path: string, headers: Record<string, string> = {}) =>
  world.gateway.fetch(new Request(`http://gateway.test${path}`, { headers }));

describe('no line holds anything', { timeout: 120_000 }, () => {
  test('of the arguments of every operation, where they fit and where they do not', async () => {
    await askAll(everyOperation(plausible));
    await askAll(everyOperation(() => ({ [canary()]: canary() })));
    expect(noted('answered').length).toBeGreaterThan(CALLERS.length * 100);
  });

  test('of documents that are faulty', async () => {
    const documents = [
      `query ${canary()} { me { id } }`,
      `{ ${canary()} }`,
      `{ user(id: "${canary()}") { ${canary()} } }`,
      `{ user(id: "${canary()}" }`,
      `{ me(${canary()}: 1) { id } } # ${canary()}`,
      `{ user(id: ${canary()}) { id } }`,
      `{ ...${canary()} }`,
      `mutation { giveConsent(purpose: "${canary()}") { user { id } } }`,
      `"${canary()}`,
    ];
    for (const query of documents) await world.ask(member(ID), query);
    await world.post(canary());
    await world.post({ [canary()]: canary(), query: 1 });
    await world.post({ query: '{ me { id } }', variables: canary(), extensions: canary(), operationName: canary() });
    await get(`/graphql?query={${canary()}}&variables=${canary()}&${canary()}=1`);
  });

  test('of tokens, addresses and headers', async () => {
    const tokens = [
      canary(),
      `Bearer ${canary()}`,
      `Bearer ${canary()}.${canary()}.${canary()}`,
      `Bearer ${await world.token(member(canary()))}`,
      `Bearer ${await world.token(partner(canary(), 'imvu-newsletter', canary()))}`,
      `Bearer ${await world.token(staff(canary(), canary()))}`,
      `Basic ${Buffer.from(canary()).toString('base64')}`,
    ];
    for (const authorization of tokens) await world.post({ query: '{ me { id } }' }, { authorization });
    for (const path of [`/${canary()}`, `/unsubscribe/${canary()}`, `/verify/${canary()}?${canary()}`, `/?${canary()}`])
      await get(path, { referer: `https://example.com/${canary()}`, 'x-real-ip': IP, [canary()]: canary() });
    expect(noted('answered').some(({ status }) => status === 401)).toBe(true);
  });

  test('of records that do not open', async () => {
    const people = documentsIn(direct);
    const before = (await people.findOne({ publicId: ID })) as PersonDocument;
    const { _id } = before;
    const sealed = Object.fromEntries(Object.keys(before.values).map((name) => [`values.${name}`, canary()]));
    await people.updateOne({ _id }, { $set: { ...sealed, 'facts.preferences': canary() } as never });
    const all =
      'name email gender birthDate postalAddress { street } cellPhone photos { caption } preferences { imvuNewsletter }';
    await world.ask(member(ID), `{ me { ${all} } }`);
    await world.ask(CALLERS[2] ?? null, '{ users { edges { node { name } } } }');
    await people.replaceOne({ _id }, before);
    expect(noted('an unexpected error was masked').length).toBeGreaterThan(0);
  });

  test('of the message of a fault', async () => {
    const token = await world.token(member(ID));
    for (let nth = 1; nth < 6; nth++) {
      failsAt = nth;
      await world.post(
        { query: 'mutation { giveConsent(purpose: "targetedOffers") { user { id } } }' },
        { authorization: `Bearer ${token}` },
      );
    }
    failsAt = Number.POSITIVE_INFINITY;
    const faults = [...noted('a request failed'), ...noted('an unexpected error was masked')];
    expect(faults.filter(({ fault }) => (fault as { name: string }).name === 'RangeError').length).toBeGreaterThan(1);
  });

  test('while the database is away', async () => {
    await relay.cut();
    const before = noted('answered').length;
    const operations = everyOperation(plausible);
    await Promise.all(
      operations.map(({ query, variables }) => world.ask(member(ID), query, variables, { 'x-forwarded-for': IP })),
    );
    const answered = noted('answered').slice(before);
    const refused = answered.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(operations.length / 2);
    const explained = new Map(lines().flatMap(({ requestId, lacking }) => (lacking ? [[requestId, lacking]] : [])));
    for (const { requestId } of refused) expect(explained.get(requestId)).toEqual(expect.any(String));
    await relay.mend();
    await vi.waitUntil(() => world.store.ping(), { timeout: 20_000 });
  });

  test('and nothing of it is printed beside the log', () => {
    expect(prints.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });
});

test('no canary in any form, and no address, stands in the log', () => {
  expect(canaries.length).toBeGreaterThan(1_000);
  expect(findCanaries(log, canaries)).toEqual([]);
  expect(log).not.toContain(IP);
});

test('a request has one line, which tells its id, method, route, status, duration and kind of caller', async () => {
  const { headers } = await world.ask(member(ID), '{ me { id } }');
  const requestId = headers.get('x-request-id');
  expect(lines().filter((line) => line.requestId === requestId)).toEqual([
    {
      ...{ level: 30, time: expect.any(Number), pid: expect.any(Number), hostname: expect.any(String) },
      ...{ requestId, method: 'POST', route: '/graphql', status: 200, ms: expect.any(Number) },
      ...{ caller: 'MEMBER', msg: 'answered' },
    },
  ]);
});

test('probes have no line', async () => {
  const before = lines().length;
  await get('/health/live');
  await get('/health/ready');
  expect(lines()).toHaveLength(before);
});

test.each([
  { path: '/', route: '/' },
  { path: '/graphql', route: '/graphql' },
  { path: '/metrics', route: '/metrics' },
  { path: '/policy', route: '/policy' },
  { path: '/policy/diff/secret/more', route: '/policy/<version>' },
  { path: '/graphql/client.js', route: '/graphql/<asset>' },
  { path: '/unsubscribe/secret', route: '/unsubscribe/<token>' },
  { path: '/verify/secret?more', route: '/verify/<token>' },
  { path: '/secret', route: 'none' },
  { path: '/unsubscribe/secret/more', route: 'none' },
])('the route of $path is told as $route', ({ path, route }) => {
  expect(routeOf(`http://gateway.test${path}`)).toBe(route);
});

test('a fault is told by its kind and place, even where its message looks like a place', () => {
  const { name, at } = faultOf(new TypeError(`one\n    at ${canaries[0]}\n    at ${canaries[1]}`));
  expect(name).toBe('TypeError');
  expect(at?.[0]).toContain('logs.test.ts');
  expect(findCanaries(JSON.stringify(at), canaries)).toEqual([]);
});

test('a canary is found in each of its forms', () => {
  const value = createCanary();
  expect(formsOf(value).filter((form) => findCanaries(`{"a":"${form}"}`, [value]).length === 0)).toEqual([]);
  const embedded = Buffer.from(`{"email":"${value}@example.com"}`).toString('base64');
  expect(findCanaries(embedded, [value])).not.toEqual([]);
});
