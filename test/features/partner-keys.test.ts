import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROVIDER_ALGORITHMS } from '../../src/base/algorithms.ts';
import { KEY_KINDS, readKeySet } from '../../src/features/partners/key-set.ts';
import { createWorld, partner, staff, type TestWorld } from '../support/world.ts';

type Jwk = Readonly<Record<string, unknown>>;

const pairOf = (pair: ReturnType<typeof generateKeyPairSync>) => ({
  jwk: pair.publicKey.export({ format: 'jwk' }) as Jwk,
  secret: pair.privateKey.export({ format: 'jwk' }) as Jwk,
});
const ec = (namedCurve: string) => pairOf(generateKeyPairSync('ec', { namedCurve }) as never);
const rsa = (modulusLength: number) => pairOf(generateKeyPairSync('rsa', { modulusLength }) as never);

const [P256, P384, P521, ED] = [ec('P-256'), ec('P-384'), ec('P-521'), pairOf(generateKeyPairSync('ed25519') as never)];
const [RSA, SHORT] = [rsa(2_048), rsa(1_024)];

let world: TestWorld;
beforeAll(async () => {
  const offerly = { clientId: 'offerly', name: 'Offerly', kind: 'OFFERS', jurisdiction: 'US' };
  world = await createWorld({ partners: [offerly] });
});
afterAll(() => world.close());

const SET = 'mutation ($jwks: String) { setPartnerKeys(partner: "offerly", jwks: $jwks) { keyThumbprints } }';
const legal = staff('legal', 'legal-process');
const setKeys = (keys: unknown, caller = legal) =>
  world.ask(caller, SET, { jwks: typeof keys === 'string' || keys === null ? keys : JSON.stringify(keys) });
const onRecord = async () =>
  (await world.ask(legal, '{ node(id: "Partner:offerly") { ... on Partner { keyThumbprints } } }')).data.node
    .keyThumbprints;
const thumbprintOf = (jwk: Jwk) => calculateJwkThumbprint(jwk as never);

describe('the keys of a partner', () => {
  test('are put on record in place of those before, and taken off it', async () => {
    const [first, second] = [await thumbprintOf(P256.jwk), await thumbprintOf(ED.jwk)];
    expect((await setKeys({ keys: [P256.jwk] })).data.setPartnerKeys.keyThumbprints).toEqual([first]);
    expect((await setKeys({ keys: [ED.jwk, P256.jwk] })).data.setPartnerKeys.keyThumbprints).toEqual([second, first]);
    expect(await onRecord()).toEqual([second, first]);
    await setKeys(null);
    expect(await onRecord()).toEqual([]);
  });

  test('stay where a world file says nothing of them, and are those of a file that does', async () => {
    const offerly = { clientId: 'offerly', name: 'Offerly', kind: 'OFFERS', jurisdiction: 'US' };
    await world.load({ partners: [{ ...offerly, jwks: { keys: [RSA.jwk] } }] });
    await world.load({ partners: [offerly] });
    expect(await onRecord()).toEqual([await thumbprintOf(RSA.jwk)]);
    await expect(world.load({ partners: [{ ...offerly, jwks: { keys: [RSA.secret] } }] })).rejects.toThrow(
      /jwks.*keys.*0.*expected a public key alone/,
    );
  });

  test.each([
    { name: 'a partner', caller: partner('offerly', 'targeted-offers', 'name') },
    { name: 'staff of another role', caller: staff('support', 'customer-support') },
  ])('are nothing that $name enters', async ({ caller }) => {
    const { errors } = await setKeys({ keys: [P256.jwk] }, caller);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([
      expect.stringMatching(/FORBIDDEN|UNAUTHENTICATED/),
    ]);
  });

  test.each<{ name: string; keys: unknown; argument?: string }>([
    { name: 'no JSON', keys: '{', argument: 'jwks' },
    { name: 'no set', keys: [P256.jwk], argument: 'jwks' },
    { name: 'no keys', keys: { keys: [] }, argument: 'jwks.keys' },
    { name: 'more than ten', keys: { keys: Array(11).fill(P256.jwk) }, argument: 'jwks.keys' },
    { name: 'a text', keys: { keys: ['key'] } },
    { name: 'a private key', keys: { keys: [P256.secret] } },
    { name: 'a private key of RSA', keys: { keys: [RSA.secret] } },
    { name: 'a shared secret', keys: { keys: [{ kty: 'oct', k: 'AAAA' }] } },
    { name: 'a short key of RSA', keys: { keys: [SHORT.jwk] } },
    { name: 'another curve', keys: { keys: [P521.jwk] } },
    { name: 'a key to encrypt with', keys: { keys: [{ ...P256.jwk, use: 'enc' }] } },
    { name: 'an algorithm of another key', keys: { keys: [{ ...P256.jwk, alg: 'RS256' }] } },
    { name: 'an algorithm that needs a secret', keys: { keys: [{ ...RSA.jwk, alg: 'HS256' }] } },
    { name: 'a point that is on no curve', keys: { keys: [{ ...P256.jwk, y: P256.jwk.x }] } },
    { name: 'a name that is no text', keys: { keys: [{ ...P256.jwk, kid: 7 }] } },
  ])('are not $name', async ({ keys, argument = 'jwks.keys.0' }) => {
    const before = await onRecord();
    const { errors } = await setKeys(keys);
    expect(errors.map(({ extensions }) => extensions)).toMatchObject([{ code: 'BAD_INPUT', argument }]);
    expect(JSON.stringify(errors)).not.toContain(P256.secret.d);
    expect(await onRecord()).toEqual(before);
  });

  test.each([P256, P384, ED, RSA])('are kept without members that mean nothing here', ({ jwk }) => {
    const read = readKeySet({
      keys: [{ ...jwk, kid: 'k', use: 'sig', x5u: 'https://evil.example', key_ops: ['verify'] }],
    });
    expect(read).toEqual({ keys: [{ ...jwk, kid: 'k' }] });
  });

  test('are of the kinds that sign with the algorithms which are taken here', () => {
    expect([...new Set(KEY_KINDS.flatMap(({ algorithms }) => algorithms as readonly string[]))].sort()).toEqual(
      [...PROVIDER_ALGORITHMS].sort(),
    );
  });
});
