import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createExchange } from '../../src/base/outbound.ts';
import { createFindKeys } from '../../src/features/partners/fetched-keys.ts';
import type { PartnerDocument } from '../../src/features/partners/recipient.ts';
import { createClock, HOUR, type TestClock } from '../support/clock.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { quiet } from '../support/store.ts';
import { createWorld, staff, type TestWorld } from '../support/world.ts';

const MINUTE = 60_000;
const keyNamed = (kid: string) => ({ ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid });
const [first, second] = [keyNamed('first'), keyNamed('second')];

let server: Receiver;
let clock: TestClock;
let given: object[];
let timesAsked: number;
beforeAll(async () => {
  server = await openReceiver();
});
afterAll(() => server.close());
beforeEach(() => {
  clock = createClock('2026-11-28T12:00:00Z');
  given = [first];
  timesAsked = 0;
  server.answerWith((response) => giveKeys(response));
});

const giveKeys = (response: ServerResponse, type = 'application/json') => {
  timesAsked += 1;
  response.writeHead(200, { 'content-type': type }).end(JSON.stringify({ keys: given }));
};
const fail = () =>
  server.answerWith((response) => {
    timesAsked += 1;
    response.writeHead(500).end();
  });

const finder = (loopback = true, timeLimitMs = 2_000) => {
  const find = createFindKeys({ exchange: createExchange({ loopback, timeLimitMs }), clock, log: quiet });
  const partner = { _id: 'offerly', keys: [], jwksUri: server.url } as object as PartnerDocument;
  return async (kid?: string) => (await find(partner, kid)).map((key) => key.kid);
};

describe('the keys at the address of a partner', () => {
  test.each([
    'application/json',
    'application/jwk-set+json; charset=utf-8',
    'Application/JSON',
  ])('are taken as %s', async (type) => {
    server.answerWith((response) => giveKeys(response, type));
    expect(await finder()('first')).toEqual(['first']);
  });

  test('are asked for once in five minutes, however many assertions come', async () => {
    const find = finder();
    expect(await Promise.all([find('first'), find(), find('first')])).toEqual([['first'], ['first'], ['first']]);
    clock.advance(5 * MINUTE - 1);
    await find('first');
    expect(timesAsked).toBe(1);
    clock.advance(1);
    given = [second];
    expect([await find('first'), timesAsked]).toEqual([['second'], 2]);
  });

  test('are asked for again for a key that is not known, once in half a minute', async () => {
    const find = finder();
    await find('first');
    given = [first, second];
    expect([await find('second'), timesAsked]).toEqual([['first'], 1]);
    clock.advance(30_000);
    expect([await find('second'), timesAsked]).toEqual([['first', 'second'], 2]);
    for (const kid of ['a', 'b', 'c']) await find(kid);
    expect(timesAsked).toBe(2);
  });

  test('count for an hour while the address fails, and no longer', async () => {
    const find = finder();
    await find('first');
    fail();
    clock.advance(HOUR - 1);
    expect([await find('first'), timesAsked]).toEqual([['first'], 2]);
    clock.advance(1);
    expect(await find('first')).toEqual([]);
    server.answerWith((response) => giveKeys(response));
    clock.advance(30_000);
    expect(await find('first')).toEqual(['first']);
  });

  test('are not asked for again and again while the address fails', async () => {
    const find = finder();
    fail();
    for (let i = 0; i < 5; i++) expect(await find('first')).toEqual([]);
    expect(timesAsked).toBe(1);
    clock.advance(30_000);
    await find('first');
    expect(timesAsked).toBe(2);
  });

  const spaces = (length: number) => `{"keys":[${JSON.stringify(first)}]}`.padEnd(length);
  const answers: Record<string, (response: ServerResponse) => void> = {
    'with another status': (response) => response.writeHead(203, { 'content-type': 'application/json' }).end(spaces(0)),
    'as a page': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(spaces(0)),
    'without a type': (response) => response.writeHead(200).end(spaces(0)),
    'with more than 64 KB': (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(spaces(65_537)),
    'by a redirect': (response) => response.writeHead(302, { location: `${server.url}/keys` }).end(),
    'cut off': (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write(spaces(0));
      setTimeout(() => response.destroy(), 20);
    },
    'too slowly': (response) => void response.writeHead(200, { 'content-type': 'application/json' }).write(spaces(0)),
    'as no key set': (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('[]'),
    'with a private key': (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ keys: [{ ...first, d: 'd' }] })),
  };
  test.each(Object.keys(answers))('are refused where they come %s', async (name) => {
    let asked = 0;
    server.answerWith((response) => {
      asked += 1;
      answers[name]?.(response);
    });
    expect(await finder(true, 300)('first')).toEqual([]);
    expect(asked).toBe(1);
  });

  test('may take 64 KB', async () => {
    server.answerWith((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(spaces(65_536)),
    );
    expect(await finder()('first')).toEqual(['first']);
  });

  test('are not asked for inside a network', async () => {
    expect(await finder(false)('first')).toEqual([]);
    expect(timesAsked).toBe(0);
  });
});

describe('the address of the keys of a partner', () => {
  let world: TestWorld;
  const offerly = { clientId: 'offerly', name: 'Offerly', kind: 'OFFERS', jurisdiction: 'US' };
  beforeAll(async () => {
    world = await createWorld({ partners: [offerly] });
  });
  afterAll(() => world.close());

  const SET =
    'mutation ($jwks: String, $jwksUri: URL) ' +
    '{ setPartnerKeys(partner: "offerly", jwks: $jwks, jwksUri: $jwksUri) { jwksUri keyThumbprints } }';
  const set = (keys: { jwks?: string; jwksUri?: string }) => world.ask(staff('legal', 'legal-process'), SET, keys);
  const jwks = JSON.stringify({ keys: [first] });
  const jwksUri = 'https://offerly.example/keys';

  test('takes the place of keys on record, and keys take its place', async () => {
    await set({ jwks });
    expect((await set({ jwksUri })).data.setPartnerKeys).toEqual({ jwksUri, keyThumbprints: [] });
    expect((await set({ jwks })).data.setPartnerKeys).toEqual({ jwksUri: null, keyThumbprints: [expect.any(String)] });
    await world.load({ partners: [{ ...offerly, jwksUri }] });
    await world.load({ partners: [offerly] });
    expect((await world.ask(staff('legal', 'legal-process'), NODE)).data.node).toEqual({ jwksUri, keyThumbprints: [] });
    expect((await set({})).data.setPartnerKeys).toEqual({ jwksUri: null, keyThumbprints: [] });
  });
  const NODE = '{ node(id: "Partner:offerly") { ... on Partner { jwksUri keyThumbprints } } }';

  test.each([
    { name: 'without TLS', keys: { jwksUri: 'http://offerly.example/keys' } },
    { name: 'inside a network', keys: { jwksUri: 'https://10.0.0.1/keys' } },
    { name: 'with a password', keys: { jwksUri: 'https://u:p@offerly.example/keys' } },
    { name: 'of another protocol', keys: { jwksUri: 'https://offerly.example:22/keys' } },
    { name: 'that is too long', keys: { jwksUri: `https://offerly.example/${'k'.repeat(2_048)}` } },
    { name: 'beside keys', keys: { jwks, jwksUri } },
  ])('is not one $name', async ({ keys }) => {
    const { errors } = await set(keys);
    expect(errors.map(({ extensions }) => extensions)).toMatchObject([{ code: 'BAD_INPUT', argument: 'jwksUri' }]);
    await expect(
      world.load({ partners: [{ ...offerly, ...keys, ...('jwks' in keys && { jwks: { keys: [first] } }) }] }),
    ).rejects.toThrow(/partners\[0\]\.jwksUri: expected/);
  });
});
