import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openRemoteKeys } from '../../src/http/remote-keys.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { AUTH, createWorld, type TestWorld } from '../support/world.ts';

const MINUTE = 60_000;

let provider: Server;
let store: TestStore;
let published: JWK[];
let status: number;
let asked: number;

const keyNamed = async (kid: string) => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  return { kid, ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' } };
};
type Key = GenerateKeyPairResult & { readonly kid: string; readonly jwk: JWK };

let [first, second]: Key[] = [];
let world: TestWorld;

beforeAll(async () => {
  store = await openTestStore();
  [first, second] = [await keyNamed('first'), await keyNamed('second')];
  provider = createServer((_request, response) => {
    asked++;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }));
  }).listen(0, '127.0.0.1');
  await once(provider, 'listening');
});
afterAll(async () => {
  provider.close();
  await store.drop();
});

beforeEach(async () => {
  [published, status, asked] = [[(first as Key).jwk], 200, 0];
  const keys = openRemoteKeys(`http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks`);
  world = await createWorld({}, { store, provider: { keys, algorithms: ['ES256'] } });
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await world.close();
});

const later = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

/** The status that a token by a key gets, which is made when it is shown. */
async function shown(key: Key | undefined): Promise<number> {
  const { kid, privateKey } = key as Key;
  const token = await new SignJWT({ kind: 'member' })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
    .setSubject('somebody')
    .setIssuer(AUTH.issuer)
    .setAudience(AUTH.audience)
    .setJti('token')
    .setIssuedAt(Math.floor(Date.now() / 1000))
    .setExpirationTime(Math.floor(Date.now() / 1000) + 600)
    .sign(privateKey);
  return (await world.post({ query: '{ __typename }' }, { authorization: `Bearer ${token}` })).status;
}

describe('keys of an identity provider', () => {
  test('are asked for once, not for every token', async () => {
    for (let n = 0; n < 5; n++) expect(await shown(first)).toBe(200);
    expect(asked).toBe(1);
  });

  test('may change while the gateway runs: a new one counts as soon as it is shown', async () => {
    expect([await shown(first), await shown(second)]).toEqual([200, 401]);
    published = [(first as Key).jwk, (second as Key).jwk];
    later(6_000);
    expect([await shown(second), await shown(first)]).toEqual([200, 200]);
  });

  test('stop to count within minutes of their withdrawal', async () => {
    expect(await shown(first)).toBe(200);
    published = [(second as Key).jwk];
    later(5 * MINUTE + 1);
    expect([await shown(first), await shown(second)]).toEqual([401, 200]);
  });

  test('are not asked for again and again by tokens with made-up keys', async () => {
    await shown(first);
    for (let n = 0; n < 20; n++) expect(await shown({ ...(second as Key), kid: `made-up-${n}` })).toBe(401);
    expect(asked).toBe(1);
  });

  test.each([
    { name: 'an error', fail: () => (status = 500) },
    { name: 'no key set', fail: () => (published = 'nothing' as never) },
  ])('that can not be learnt for $name say nothing of a token, which is told so', async ({ fail }) => {
    fail();
    expect(await shown(first)).toBe(503);
    [published, status] = [[(first as Key).jwk], 200];
    later(6_000);
    expect(await shown(first)).toBe(200);
  });
});
