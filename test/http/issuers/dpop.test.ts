import { createHash, randomUUID } from 'node:crypto';
import {
  calculateJwkThumbprint,
  exportJWK,
  type GenerateKeyPairResult,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseIssuers } from '../../../src/http/issuers-file.ts';
import { createClock } from '../../support/clock.ts';
import { issuerOf, type Part, POLICY_WORDS, signedBy } from '../../support/issuers.ts';
import { openTestStore, type TestStore } from '../../support/store.ts';
import { createWorld, staff, type TestWorld } from '../../support/world.ts';

/** @see RFC 9449 (DPoP) */
const ISSUER = 'https://id.example';
const FILE = `
- issuer: ${ISSUER}
  jwks: ${ISSUER}/keys
  audience: assent
  kinds: [partner]
  types: [at+jwt]
  client: [client_id]
  scope: { claims: [scope] }
  purpose: { claim: purpose }
  appOnly: { any: [{ equal: [sub, client] }] }
`;
const ADDRESS = 'http://gateway.test/graphql';
const METADATA = 'resource_metadata="http://gateway.test/.well-known/oauth-protected-resource/graphql"';
const ALGORITHMS = 'algs="Ed25519 EdDSA ES256 ES384 PS256 PS384 RS256"';
const OFFERS = { kind: 'OFFERS', jurisdiction: 'US', contract: { purposes: ['targeted-offers'] } };

type Key = GenerateKeyPairResult & { readonly jwk: JWK; readonly jkt: string };

const keyFor = async (alg: string): Promise<Key> => {
  const pair = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  return { ...pair, jwk, jkt: await calculateJwkThumbprint(jwk) };
};

const clock = createClock('2026-03-01T12:00:00.500Z');
let store: TestStore;
let world: TestWorld;
/** Another gateway over the same database. */
let second: TestWorld;
/** A gateway that takes the gateway's own tokens, for legal staff. */
let office: TestWorld;
let key: Key;
let other: Key;

beforeAll(async () => {
  [key, other] = [await keyFor('ES256'), await keyFor('ES256')];
  store = await openTestStore();
  const issuers = parseIssuers(FILE, 'issuers.yaml', POLICY_WORDS).map(issuerOf);
  const partners = [
    { ...OFFERS, clientId: 'offerly', name: 'Offerly' },
    { ...OFFERS, clientId: 'strict', name: 'Strict', dpopBoundAccessTokens: true },
  ];
  world = await createWorld({ partners }, { store, clock, issuers });
  second = await createWorld({}, { store, clock, issuers });
  office = await createWorld({}, { store, clock });
});
afterAll(async () => {
  for (const each of [office, second, world]) await each.close();
  await store.drop();
});

const now = () => Math.floor(clock.now().getTime() / 1_000);

const tokenWith = (claims: Part = {}) =>
  signedBy(
    ISSUER,
    { typ: 'at+jwt' },
    {
      ...{ iss: ISSUER, aud: 'assent', sub: 'offerly', client_id: 'offerly', jti: randomUUID() },
      ...{ purpose: 'targeted-offers', scope: 'assent:name', iat: now(), exp: now() + 600 },
      ...claims,
    },
  );
const bound = (claims: Part = {}) => tokenWith({ cnf: { jkt: key.jkt }, ...claims });

interface ProofChanges {
  readonly claims?: Part;
  readonly header?: Part;
  readonly by?: Key;
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url');

const proofFor = (token: string, { claims, header, by = key }: ProofChanges = {}) =>
  new SignJWT({ jti: randomUUID(), htm: 'POST', htu: ADDRESS, iat: now(), ath: hashOf(token), ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: by.jwk, ...header } as { alg: string })
    .sign(by.privateKey);

const show = async (headers: Record<string, string>, gateway = world) => {
  const response = await gateway.post({ query: '{ __typename }' }, headers);
  return { status: response.status, challenge: response.headers.get('www-authenticate'), text: await response.text() };
};

describe('a token that is bound to a key is accepted', () => {
  test.each<{ name: string; changes?: ProofChanges; scheme?: string }>([
    { name: 'with a proof of this request' },
    { name: 'after a scheme in small letters', scheme: 'dpop' },
    { name: 'with a proof for the address with a query', changes: { claims: { htu: `${ADDRESS}?query=x#y` } } },
    {
      name: 'with a proof for the address in capitals',
      changes: { claims: { htu: 'HTTP://GATEWAY.TEST:80/graphql' } },
    },
    { name: 'with a proof of 59 seconds ago', changes: { claims: { iat: 1_772_366_400 - 59 } } },
    { name: 'with a proof that is 10 seconds ahead', changes: { claims: { iat: 1_772_366_400 + 10 } } },
  ])('$name', async ({ changes, scheme = 'DPoP' }) => {
    const token = bound();
    const answer = await show({ authorization: `${scheme} ${token}`, dpop: await proofFor(token, changes) });
    expect([answer.status, answer.challenge]).toEqual([200, null]);
  });

  test('again and again, with a proof of its own each time', async () => {
    const token = bound();
    for (let n = 0; n < 3; n++)
      expect((await show({ authorization: `DPoP ${token}`, dpop: await proofFor(token) })).status).toBe(200);
  });

  test.each([
    { method: 'GET', htm: 'GET', status: 200 },
    { method: 'HEAD', htm: 'HEAD', status: 200 },
    { method: 'HEAD', htm: 'GET', status: 401 },
    { method: 'GET', htm: 'HEAD', status: 401 },
  ])('by the method of its proof alone: $method, with a proof of $htm', async ({ method, htm, status }) => {
    const token = bound();
    const dpop = await proofFor(token, { claims: { htm } });
    const headers = { authorization: `DPoP ${token}`, dpop };
    const request = new Request(`${ADDRESS}?query={__typename}`, { method, headers });
    expect((await world.gateway.fetch(request)).status).toBe(status);
  });
});

describe('a token that is bound to a key is refused', () => {
  const INVALID_PROOF = `DPoP error="invalid_dpop_proof", ${ALGORITHMS}, ${METADATA}`;
  const INVALID_TOKEN = `DPoP error="invalid_token", ${ALGORITHMS}, ${METADATA}`;

  test.each<{ name: string; changes: () => ProofChanges }>([
    { name: 'by another key', changes: () => ({ by: other }) },
    { name: 'signed by another key than it brings along', changes: () => ({ by: other, header: { jwk: key.jwk } }) },
    { name: 'with the private key in it', changes: () => ({ header: { jwk: { ...key.jwk, d: 'AQ' } } }) },
    { name: 'without a key', changes: () => ({ header: { jwk: undefined } }) },
    { name: 'of another type', changes: () => ({ header: { typ: 'JWT' } }) },
    { name: 'for another method', changes: () => ({ claims: { htm: 'GET' } }) },
    { name: 'for the method in small letters', changes: () => ({ claims: { htm: 'post' } }) },
    { name: 'for another path', changes: () => ({ claims: { htu: 'http://gateway.test/other' } }) },
    { name: 'for another host', changes: () => ({ claims: { htu: 'http://evil.test/graphql' } }) },
    { name: 'for another scheme', changes: () => ({ claims: { htu: 'https://gateway.test/graphql' } }) },
    { name: 'for no address', changes: () => ({ claims: { htu: 'graphql' } }) },
    { name: 'of more than a minute ago', changes: () => ({ claims: { iat: now() - 60 } }) },
    { name: 'of the future', changes: () => ({ claims: { iat: now() + 12 } }) },
    { name: 'of no time', changes: () => ({ claims: { iat: undefined } }) },
    { name: 'for another token', changes: () => ({ claims: { ath: hashOf('another') } }) },
    { name: 'for no token', changes: () => ({ claims: { ath: undefined } }) },
    { name: 'without an id', changes: () => ({ claims: { jti: undefined } }) },
    { name: 'with an endless id', changes: () => ({ claims: { jti: 'x'.repeat(256) } }) },
  ])('with a proof $name', async ({ changes }) => {
    const token = bound();
    const answer = await show({ authorization: `DPoP ${token}`, dpop: await proofFor(token, changes()) });
    expect([answer.status, answer.challenge]).toEqual([401, INVALID_PROOF]);
    expect(answer.text).not.toContain(key.jkt);
  });

  test.each<{ name: string; dpop: (proof: string) => Record<string, string> }>([
    { name: 'without a proof', dpop: () => ({}) },
    { name: 'with an empty proof', dpop: () => ({ dpop: '' }) },
    { name: 'with two proofs', dpop: (proof) => ({ dpop: `${proof}, ${proof}` }) },
    {
      name: 'with a proof without its signature',
      dpop: (proof) => ({ dpop: proof.slice(0, proof.lastIndexOf('.') + 1) }),
    },
    { name: 'with a text that is no proof', dpop: () => ({ dpop: 'proof' }) },
  ])('$name', async ({ dpop }) => {
    const token = bound();
    const answer = await show({ authorization: `DPoP ${token}`, ...dpop(await proofFor(token)) });
    expect([answer.status, answer.challenge]).toEqual([401, INVALID_PROOF]);
  });

  test('with a proof that is signed with a secret', async () => {
    const token = bound();
    const secret = new Uint8Array(32);
    const jwk = { kty: 'oct', k: Buffer.from(secret).toString('base64url') };
    const dpop = await new SignJWT({ jti: 'a', htm: 'POST', htu: ADDRESS, iat: now(), ath: hashOf(token) })
      .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk } as { alg: string })
      .sign(secret);
    expect((await show({ authorization: `DPoP ${token}`, dpop })).challenge).toBe(INVALID_PROOF);
  });

  test('with a proof that was shown before, at whichever gateway', async () => {
    const token = bound();
    const headers = { authorization: `DPoP ${token}`, dpop: await proofFor(token) };
    expect((await show(headers)).status).toBe(200);
    for (const gateway of [world, second]) {
      const { status, challenge, text } = await show(headers, gateway);
      expect([status, challenge]).toEqual([401, INVALID_PROOF]);
      expect(text).toContain('its DPoP proof was shown before');
    }
  });

  test('but once, of one proof that is shown ten times at the same moment', async () => {
    const token = bound();
    const headers = { authorization: `DPoP ${token}`, dpop: await proofFor(token) };
    const shown = await Promise.all(Array.from({ length: 10 }, (_, n) => show(headers, n % 2 ? world : second)));
    expect(shown.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(401)]);
  });

  test('as long as its proof could be taken: the mark outlasts it', async () => {
    const token = bound();
    const ahead = { claims: { iat: now() + 10 } };
    const headers = { authorization: `DPoP ${token}`, dpop: await proofFor(token, ahead) };
    expect((await show(headers)).status).toBe(200);
    clock.advance(69_000);
    expect((await show(headers)).text).toContain('its DPoP proof was shown before');
    clock.advance(60_000);
    expect((await show(headers)).text).toContain('its DPoP proof is of another time');
  });

  test('as a bearer token, with a proof or without', async () => {
    const token = bound();
    for (const dpop of [{}, { dpop: await proofFor(token) }]) {
      const answer = await show({ authorization: `Bearer ${token}`, ...dpop });
      expect([answer.status, answer.challenge]).toEqual([401, INVALID_TOKEN]);
    }
  });

  test('if it is bound to none, and comes with a proof', async () => {
    const token = tokenWith();
    const answer = await show({ authorization: `DPoP ${token}`, dpop: await proofFor(token) });
    expect([answer.status, answer.challenge]).toEqual([401, INVALID_TOKEN]);
  });
});

describe('a partner with a record that requires bound tokens', () => {
  const strict = { sub: 'strict', client_id: 'strict' };

  test('is refused one that is bound to none', async () => {
    const answer = await show({ authorization: `Bearer ${tokenWith(strict)}` });
    expect([answer.status, answer.challenge]).toEqual([401, `DPoP error="invalid_token", ${ALGORITHMS}, ${METADATA}`]);
  });

  test('shows one that is bound to its key', async () => {
    const token = bound(strict);
    expect((await show({ authorization: `DPoP ${token}`, dpop: await proofFor(token) })).status).toBe(200);
  });

  test('is one that legal staff say so of, from the next request on, until they say otherwise', async () => {
    const legal = staff('legal', 'legal-process');
    const UPSERT = 'mutation ($input: PartnerInput!) { upsertPartner(input: $input) { dpopBoundAccessTokens } }';
    const record = { clientId: 'offerly', name: 'Offerly', kind: 'OFFERS', jurisdiction: 'US' };
    const enter = async (change: object) => {
      const input = { ...record, policyUrl: 'https://offerly.example/privacy', ...change };
      const { data } = await office.ask(legal, UPSERT, { input });
      return [
        data.upsertPartner.dpopBoundAccessTokens,
        (await show({ authorization: `Bearer ${tokenWith()}` })).status,
      ];
    };
    expect(await enter({})).toEqual([false, 200]);
    expect(await enter({ dpopBoundAccessTokens: true })).toEqual([true, 401]);
    // a key that a change does not name keeps its value, and null names nothing
    expect(await enter({ name: 'Offerly Ltd' })).toEqual([true, 401]);
    expect(await enter({ dpopBoundAccessTokens: null })).toEqual([true, 401]);
    expect(await enter({ dpopBoundAccessTokens: false })).toEqual([false, 200]);
  });
});

describe('the metadata of this gateway as a protected resource', () => {
  const read = async (gateway: TestWorld, path = '') => {
    const address = `http://gateway.test/.well-known/oauth-protected-resource${path}`;
    const response = await gateway.gateway.fetch(new Request(address));
    return (await response.json()) as Record<string, unknown>;
  };

  test('names the issuers, the words of scopes as they have them, and how tokens are shown', async () => {
    const { scopes_supported: scopes, ...rest } = await read(world);
    expect(rest).toEqual({
      resource: 'http://gateway.test',
      authorization_servers: [ISSUER],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['Ed25519', 'EdDSA', 'ES256', 'ES384', 'PS256', 'PS384', 'RS256'],
    });
    expect(scopes).toEqual(expect.arrayContaining(['assent:name', 'assent:postal-address']));
  });

  test('is that of the address which it is asked about', async () => {
    const [origin, endpoint] = [await read(world), await read(world, '/graphql')];
    expect(endpoint).toEqual({ ...origin, resource: ADDRESS });
  });

  test('names no issuer where the gateway signs its tokens itself', async () => {
    const metadata = await read(office);
    expect(metadata).not.toHaveProperty('authorization_servers');
    expect(metadata.scopes_supported).toEqual(expect.arrayContaining(['name', 'postal-address']));
  });
});
