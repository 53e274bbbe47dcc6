import { createHmac, createPublicKey, createSign } from 'node:crypto';
import {
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROVIDER_ALGORITHMS } from '../../../src/base/algorithms.ts';
import { RECEIPT_TYPES } from '../../../src/features/receipts/receipt.ts';
import { createSigningKeys } from '../../../src/store/signing-keys.ts';
import {
  ASSERTION_TYPE,
  assertionClaims,
  type ClientKey,
  createClientKey,
  secondsOf,
  sendForm,
  signedWith,
  type Told,
} from '../../support/clients.ts';
import { createClock, DAY, HOUR } from '../../support/clock.ts';
import type { Part } from '../../support/issuers.ts';
import { openReceiver } from '../../support/receiver.ts';
import { openTestStore, type TestStore } from '../../support/store.ts';
import { createWorld, KEYS, staff, type TestWorld } from '../../support/world.ts';

/** @see RFC 6749, 4.4 and 5; RFC 7523, 3; RFC 9068; RFC 9449, 5; RFC 7009; RFC 7662; RFC 8414 */
const ISSUER = 'https://gateway.test';
const TOKEN = `${ISSUER}/oauth/token`;
const SCOPE = 'name email purpose:targeted-offers';
const GRANT = { grant_type: 'client_credentials', scope: SCOPE };

const clock = createClock('2026-03-01T12:00:00.500Z');
const [key, rotated, foreign, stranger] = [1, 2, 3, 4].map(createClientKey) as [
  ClientKey,
  ClientKey,
  ClientKey,
  ClientKey,
];
const OFFERS = { kind: 'OFFERS', jurisdiction: 'US', contract: { purposes: ['targeted-offers'] } };
const keysOf = (...keys: readonly ClientKey[]) => ({ jwks: { keys: keys.map(({ jwk }) => jwk) } });
const BINDING = { ...OFFERS, clientId: 'binding', name: 'Binding', ...keysOf(key) };
const ENDED = { from: '2020-01-01T00:00:00Z', until: '2026-03-01T12:00:00Z', purposes: ['targeted-offers'] };

let store: TestStore;
let world: TestWorld;
/** Another gateway over the same database. */
let second: TestWorld;

beforeAll(async () => {
  store = await openTestStore();
  const partners = [
    { ...OFFERS, clientId: 'offerly', name: 'Offerly', ...keysOf(key) },
    { ...OFFERS, clientId: 'other', name: 'Other', ...keysOf(foreign) },
    { ...OFFERS, clientId: 'strict', name: 'Strict', dpopBoundAccessTokens: true, ...keysOf(key) },
    { ...OFFERS, clientId: 'keyless', name: 'Keyless' },
    BINDING,
    { ...OFFERS, clientId: 'suspended', name: 'Suspended', status: 'SUSPENDED', ...keysOf(key) },
    { ...OFFERS, clientId: 'ended', name: 'Ended', contract: ENDED, ...keysOf(key) },
    { clientId: 'without', name: 'Without', kind: 'OFFERS', jurisdiction: 'US', ...keysOf(key) },
  ];
  const user = { id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@example.com', country: 'US' };
  const consents = [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2026-01-01T00:00:00Z' }];
  const options = { store, clock, ownIssuer: ISSUER };
  world = await createWorld({ users: [{ ...user, consents }], partners }, options);
  second = await createWorld({}, options);
});
afterAll(async () => {
  for (const each of [second, world]) await each.close();
  await store.drop();
});

const now = () => secondsOf(clock.now());

interface Changes {
  readonly client?: string;
  readonly by?: ClientKey;
  readonly header?: Part;
  readonly claims?: Part;
}

const assertionWith = ({ client = 'offerly', by = key, header = {}, claims = {} }: Changes = {}) =>
  signedWith(by, header, { ...assertionClaims(client, ISSUER, clock.now()), ...claims });

const authentication = (changes: Changes = {}) => ({
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: assertionWith(changes),
});

const askToken = (form: Part = {}, changes: Changes = {}, headers = {}, gateway = world) =>
  sendForm(gateway, TOKEN, { ...GRANT, ...authentication(changes), ...form } as Record<string, string>, headers);

const tokenFor = async (client = 'offerly', by = key) =>
  (await askToken({}, { client, by })).body.access_token as string;

const askAbout = (path: 'introspect' | 'revoke', token: string, changes: Changes = {}, gateway = world) =>
  sendForm(gateway, `${ISSUER}/oauth/${path}`, { token, ...authentication(changes) });

const NAMES = '{ users { edges { node { name } } } }';
const read = async (token: string, gateway = world) => {
  const response = await gateway.post({ query: NAMES }, { authorization: `Bearer ${token}` });
  return { status: response.status, body: JSON.parse(await response.text()) };
};

const proofBy = (by: ClientKey, claims: Part = {}) =>
  signedWith(
    by,
    { typ: 'dpop+jwt', jwk: by.jwk },
    { jti: crypto.randomUUID(), htm: 'POST', htu: TOKEN, iat: now(), ...claims },
  );

const refusal = ({ status, body }: Told) => [status, body.error];

/** An answer to a client holds the words of RFC 6749 alone, and no cache keeps it. */
const expectRefusal = (told: Told, status: number, error: string) => {
  expect(refusal(told)).toEqual([status, error]);
  expect(Object.keys(told.body).sort()).toEqual(['error', 'error_description']);
  expect(told.body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  expect(told.headers.get('cache-control')).toBe('no-store');
  expect(told.headers.get('www-authenticate')).toBeNull();
};

describe('a token', () => {
  test('is given for 15 minutes, to a client that authenticates itself', async () => {
    const { status, headers, body } = await askToken();
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    const { access_token: token, ...rest } = body;
    expect(rest).toEqual({ token_type: 'Bearer', expires_in: 900, scope: SCOPE });
    expect(decodeJwt(token)).toEqual({
      ...{ iss: ISSUER, aud: ISSUER, sub: 'offerly', client_id: 'offerly', kind: 'partner' },
      ...{ purpose: 'targeted-offers', scope: 'name email', iat: now(), exp: now() + 900, jti: expect.any(String) },
    });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) });
  });

  test('shows its partner the data that the contract covers, at each gateway, until it ends', async () => {
    const token = await tokenFor();
    const shown = { status: 200, body: { data: { users: { edges: [{ node: { name: 'Nia Ko' } }] } } } };
    expect([await read(token), await read(token, second)]).toEqual([shown, shown]);
    clock.advance(900_000);
    expect((await read(token)).status).toBe(401);
  });

  test.each<{ name: string; form?: Part; changes?: Changes }>([
    { name: 'to one that names the token endpoint as the audience', changes: { claims: { aud: TOKEN } } },
    { name: 'to one that names the audience in a list', changes: { claims: { aud: [ISSUER] } } },
    { name: 'to one that names itself', form: { client_id: 'offerly' } },
    { name: 'to one with a clock 10 seconds ahead', changes: { claims: { iat: 1_772_366_410 + 900 } } },
    { name: 'by an assertion of the type that is its own', changes: { header: { typ: 'client-authentication+jwt' } } },
    { name: 'by an assertion of the usual type', changes: { header: { typ: 'JWT' } } },
    { name: 'by an assertion without the time of its issue', changes: { claims: { iat: undefined } } },
    { name: 'for no category', form: { scope: 'purpose:targeted-offers' } },
    { name: 'with words that mean nothing to this grant', form: { resource: ISSUER, redirect_uri: 'x' } },
  ])('is given $name', async ({ form, changes }) => {
    expect((await askToken(form, changes)).status).toBe(200);
  });

  test('is given for the purpose and categories in authorization details', async () => {
    const details = [{ type: 'assent', purpose: 'targeted-offers', categories: ['name', 'postal-address'] }];
    const { status, body } = await askToken({ scope: '', authorization_details: JSON.stringify(details) });
    expect([status, body.authorization_details]).toEqual([200, details]);
    expect(body.scope).toBe('name postal-address purpose:targeted-offers');
    expect(decodeJwt(body.access_token)).toMatchObject({ purpose: 'targeted-offers', scope: 'name postal-address' });
  });

  test('is bound to the key of a client that proves to hold it', async () => {
    const { status, body } = await askToken({}, {}, { dpop: proofBy(rotated) });
    expect([status, body.token_type]).toEqual([200, 'DPoP']);
    const jkt = await calculateJwkThumbprint(rotated.jwk as never);
    expect(decodeJwt(body.access_token).cnf).toEqual({ jkt });
    expect((await read(body.access_token)).status).toBe(401);
  });
});

describe('a client signs', () => {
  const clientId = 'signer';
  const grantedFor = async (alg: string, jwk: JWK, privateKey: CryptoKey) => {
    await world.load({ partners: [{ ...OFFERS, clientId, name: 'Signer', jwks: { keys: [{ ...jwk, alg }] } }] });
    const assertion = await new SignJWT(assertionClaims(clientId, ISSUER, clock.now()))
      .setProtectedHeader({ alg })
      .sign(privateKey);
    return (await askToken({ client_assertion: assertion })).status;
  };

  test.each(PROVIDER_ALGORITHMS)('with %s', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    expect(await grantedFor(alg, await exportJWK(publicKey), privateKey)).toBe(200);
  });

  test('with any of its keys, and names none', async () => {
    await world.load({ partners: [{ ...OFFERS, clientId, name: 'Signer', ...keysOf(key, rotated, foreign) }] });
    for (const by of [key, rotated, foreign]) expect((await askToken({}, { client: clientId, by })).status).toBe(200);
    expect((await askToken({}, { client: clientId, by: stranger })).status).toBe(401);
  });

  test('with a key that its address has', async () => {
    const [server, gateway] = [
      await openReceiver(),
      await createWorld({}, { store, clock, reach: { loopback: true }, ownIssuer: ISSUER }),
    ];
    server.answerWith((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(keysOf(rotated).jwks)),
    );
    await world.load({ partners: [{ ...OFFERS, clientId, name: 'Signer' }] });
    const set = 'mutation ($url: URL) { setPartnerKeys(partner: "signer", jwksUri: $url) { jwksUri } }';
    await gateway.ask(staff('legal', 'legal-process'), set, { url: server.url });
    const statusBy = async (by: ClientKey) => (await askToken({}, { client: clientId, by }, {}, gateway)).status;
    expect([await statusBy(rotated), await statusBy(key)]).toEqual([200, 401]);
    await server.close();
    expect(await statusBy(rotated)).toBe(200);
    await gateway.close();
  });
});

test('nothing that clients send or are given stands in the log', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
  const logging = await createWorld({}, { store, clock, ownIssuer: ISSUER, log });
  const [good, bad] = [authentication(), authentication({ by: stranger })];
  const { access_token: token } = (await askToken(good, {}, { dpop: proofBy(rotated) }, logging)).body;
  await askToken(bad, {}, {}, logging);
  await askAbout('introspect', token, {}, logging);
  await askAbout('revoke', token, {}, logging);
  await logging.close();
  const text = lines.join('');
  expect(text).toContain('"route":"/oauth/revoke"');
  for (const sent of [good.client_assertion, bad.client_assertion, token, decodeJwt(token).jti, 'offerly', 'purpose:'])
    expect(text).not.toContain(sent);
});

describe('a client is refused', () => {
  test.each<{ name: string; changes?: Changes; form?: Part }>([
    { name: 'without an assertion', form: { client_assertion: '', client_assertion_type: '' } },
    { name: 'with its name alone', form: { client_assertion: '', client_assertion_type: '', client_id: 'offerly' } },
    { name: 'without the type of its assertion', form: { client_assertion_type: '' } },
    { name: 'with an assertion of another type', form: { client_assertion_type: 'urn:ietf:params:oauth:x' } },
    { name: 'with a text that is no assertion', form: { client_assertion: 'assertion' } },
    { name: 'with an assertion that is too long', form: { client_assertion: `${'a'.repeat(9_000)}.b.c` } },
    { name: 'by an assertion for another server', changes: { claims: { aud: 'https://other.example' } } },
    {
      name: 'by an assertion for this server and another',
      changes: { claims: { aud: [ISSUER, 'https://x.example'] } },
    },
    { name: 'by an assertion for both names of this server', changes: { claims: { aud: [ISSUER, TOKEN] } } },
    { name: 'by an assertion for another of its addresses', changes: { claims: { aud: `${ISSUER}/graphql` } } },
    { name: 'by an assertion for nobody', changes: { claims: { aud: undefined } } },
    { name: 'by an assertion that has expired', changes: { claims: { exp: 1_772_366_400 } } },
    { name: 'by an assertion that does not end', changes: { claims: { exp: undefined } } },
    { name: 'by an assertion that ends too late', changes: { claims: { exp: 1_772_400_000 } } },
    { name: 'by an assertion of the future', changes: { claims: { iat: 1_772_370_000 } } },
    { name: 'by an assertion that does not hold yet', changes: { claims: { nbf: 1_772_370_000 } } },
    { name: 'by an assertion without an id', changes: { claims: { jti: undefined } } },
    { name: 'by an assertion with an endless id', changes: { claims: { jti: 'x'.repeat(256) } } },
    { name: 'by an assertion that is about another', changes: { claims: { sub: 'other' } } },
    { name: 'by an assertion of another than it names', form: { client_id: 'other' } },
    { name: 'by the key of another partner', changes: { by: foreign } },
    { name: 'by a key of nobody', changes: { by: stranger } },
    { name: 'by a key that the assertion brings along', changes: { by: stranger, header: { jwk: stranger.jwk } } },
    { name: 'by a key at an address', changes: { by: stranger, header: { jku: 'https://evil.example/jwks' } } },
    { name: 'by a key of another name', changes: { header: { kid: 'other' } } },
    { name: 'by an access token', changes: { header: { typ: 'at+jwt' } } },
    ...RECEIPT_TYPES.map((typ) => ({ name: `by a ${typ}`, changes: { header: { typ } } })),
    { name: 'by an assertion of a type that is no text', changes: { header: { typ: 1 } } },
    { name: 'by a proof', changes: { header: { typ: 'dpop+jwt', jwk: key.jwk } } },
    { name: 'by an assertion with an extension that has to be known', changes: { header: { crit: ['x'], x: 1 } } },
    { name: 'without a key on record', changes: { client: 'keyless' } },
    { name: 'that nobody knows', changes: { client: 'nobody' } },
    { name: 'of a name that no record can have', changes: { claims: { iss: { $gt: '' }, sub: { $gt: '' } } } },
  ])('$name', async ({ form, changes }) => {
    const told = await askToken(form, changes);
    expectRefusal(told, 401, 'invalid_client');
  });

  test.each<{ name: string; header: Part }>([
    { name: 'as usual', header: {} },
    { name: 'with an algorithm that is not used here', header: { alg: 'ES512' } },
    { name: 'with a secret', header: { alg: 'HS256' } },
    { name: 'with nothing', header: { alg: 'none' } },
    { name: 'with no algorithm', header: { alg: undefined } },
    { name: 'in the name of a key', header: { kid: '../../keys' } },
    { name: 'in the name of a key that is none', header: { kid: { $ne: '' } } },
    { name: 'with an extension that has to be known', header: { crit: ['x'], x: 1 } },
    { name: 'over its content as it is', header: { crit: ['b64'], b64: false } },
    { name: 'with a certificate that is elsewhere', header: { x5u: 'https://evil.example/x' } },
    { name: 'for another use', header: { typ: 'at+jwt' } },
  ])('the same whether it is unknown, has no key or signs with a wrong one: $name', async ({ header }) => {
    const told = [{ client: 'nobody' }, { client: 'keyless' }, { by: stranger }].map((changes) =>
      askToken({}, { ...changes, header }),
    );
    const bodies = (await Promise.all(told)).map(({ body }) => body);
    expect(bodies).toEqual(bodies.map(() => bodies[0]));
    expect(bodies[0].error).toBe('invalid_client');
  });

  test.each([
    { name: 'without a signature', alg: 'none', sign: () => '' },
    {
      name: 'signed with its public key as a secret',
      alg: 'HS256',
      sign: (content: string) => {
        const pem = createPublicKey({ key: key.jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
        return createHmac('sha256', pem).update(content).digest('base64url');
      },
    },
  ])('by an assertion $name', async ({ alg, sign }) => {
    const [, claims] = assertionWith().split('.');
    const content = `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.${claims}`;
    expectRefusal(await askToken({ client_assertion: `${content}.${sign(content)}` }), 401, 'invalid_client');
  });

  test('by an assertion with a claim twice', async () => {
    const claims = JSON.stringify(assertionClaims('offerly', ISSUER, clock.now())).replace('{', '{"iss":"other",');
    const [header] = assertionWith().split('.');
    const content = `${header}.${Buffer.from(claims).toString('base64url')}`;
    const signature = createSign('sha256').update(content).sign({ key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    const told = await askToken({ client_assertion: `${content}.${signature.toString('base64url')}` });
    expectRefusal(told, 401, 'invalid_client');
  });

  test('by an assertion that was shown before, at whichever gateway and address', async () => {
    const shown = { client_assertion: assertionWith() };
    expect((await askToken(shown)).status).toBe(200);
    for (const gateway of [world, second]) expectRefusal(await askToken(shown, {}, {}, gateway), 401, 'invalid_client');
    const told = await sendForm(second, `${ISSUER}/oauth/introspect`, {
      ...{ token: 'x', client_assertion_type: ASSERTION_TYPE },
      ...shown,
    });
    expectRefusal(told, 401, 'invalid_client');
  });

  test('but once, of one assertion that is shown ten times at the same moment', async () => {
    const shown = { client_assertion: assertionWith() };
    const told = await Promise.all(
      Array.from({ length: 10 }, (_, n) => askToken(shown, {}, {}, n % 2 ? world : second)),
    );
    expect(told.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(401)]);
  });

  test('as long as its assertion could be taken: the mark outlasts it', async () => {
    const shown = { client_assertion: assertionWith({ claims: { exp: now() + 310 } }) };
    expect((await askToken(shown)).status).toBe(200);
    clock.advance(309_000);
    await world.gateway.sweep();
    expectRefusal(await askToken(shown), 401, 'invalid_client');
    clock.advance(1_000);
    expect((await askToken(shown)).body.error_description).toContain('it has expired');
  });

  test('from the request on after its key was exchanged', async () => {
    const legal = staff('legal', 'legal-process');
    const SET = 'mutation ($jwks: String) { setPartnerKeys(partner: "offerly", jwks: $jwks) { clientId } }';
    const setKeys = (...keys: readonly ClientKey[]) =>
      world.ask(legal, SET, { jwks: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }) });
    const statuses = async () =>
      Promise.all([key, rotated].map(async (by) => (await askToken({}, { by }, {}, second)).status));
    expect(await statuses()).toEqual([200, 401]);
    await setKeys(key, rotated);
    expect(await statuses()).toEqual([200, 200]);
    await setKeys(rotated);
    expect(await statuses()).toEqual([401, 200]);
    await setKeys(key);
    expect(await statuses()).toEqual([200, 401]);
  });
});

describe('a request is refused', () => {
  test.each<{ name: string; form?: Part; changes?: Changes; error: string }>([
    { name: 'without a grant', form: { grant_type: '' }, error: 'invalid_request' },
    { name: 'for another grant', form: { grant_type: 'authorization_code' }, error: 'unsupported_grant_type' },
    { name: 'for the grant in capitals', form: { grant_type: 'CLIENT_CREDENTIALS' }, error: 'unsupported_grant_type' },
    { name: 'without a scope', form: { scope: '' }, error: 'invalid_scope' },
    { name: 'without a purpose', form: { scope: 'name email' }, error: 'invalid_scope' },
    { name: 'with two purposes', form: { scope: `${SCOPE} purpose:offer-prefill` }, error: 'invalid_scope' },
    { name: 'with no purpose of the policy', form: { scope: 'name purpose:curiosity' }, error: 'invalid_scope' },
    { name: 'with a purpose that is not contracted', form: { scope: 'purpose:offer-prefill' }, error: 'invalid_scope' },
    { name: 'with a purpose of others', form: { scope: 'name purpose:customer-support' }, error: 'invalid_scope' },
    { name: 'with no category of the policy', form: { scope: `${SCOPE} shoe-size` }, error: 'invalid_scope' },
    { name: 'with a category that no clause shows', form: { scope: `${SCOPE} payment-card` }, error: 'invalid_scope' },
    { name: 'with a category in capitals', form: { scope: `${SCOPE} GENDER` }, error: 'invalid_scope' },
    { name: 'of a partner that is suspended', changes: { client: 'suspended' }, error: 'unauthorized_client' },
    { name: 'of a partner with an ended contract', changes: { client: 'ended' }, error: 'unauthorized_client' },
    { name: 'of a partner without a contract', changes: { client: 'without' }, error: 'unauthorized_client' },
    { name: 'of a client with a secret besides', form: { client_secret: 's' }, error: 'invalid_request' },
    { name: 'without a proof, where one is required', changes: { client: 'strict' }, error: 'invalid_request' },
  ])('$name', async ({ form, changes, error }) => {
    expectRefusal(await askToken(form, changes), 400, error);
  });

  test.each<{ name: string; proof: () => string }>([
    { name: 'that is none', proof: () => 'proof' },
    { name: 'for another address', proof: () => proofBy(rotated, { htu: `${ISSUER}/graphql` }) },
    { name: 'for another method', proof: () => proofBy(rotated, { htm: 'GET' }) },
    { name: 'of another time', proof: () => proofBy(rotated, { iat: now() - 61 }) },
    { name: 'by another key than it brings along', proof: () => proofBy({ ...rotated, secret: key.secret }) },
  ])('with a proof $name', async ({ proof }) => {
    expectRefusal(await askToken({}, {}, { dpop: proof() }), 400, 'invalid_dpop_proof');
  });

  const DETAILS = { type: 'assent', purpose: 'targeted-offers', categories: ['name'] };

  test.each<{ name: string; details: unknown }>([
    { name: 'that are no JSON', details: '[' },
    { name: 'that are no list', details: DETAILS },
    { name: 'of none', details: [] },
    { name: 'of two accesses', details: [DETAILS, DETAILS] },
    { name: 'of another type', details: [{ ...DETAILS, type: 'payment' }] },
    { name: 'with a part that is not known', details: [{ ...DETAILS, locations: [ISSUER] }] },
    { name: 'without categories', details: [{ ...DETAILS, categories: undefined }] },
    { name: 'beyond the contract', details: [{ ...DETAILS, purpose: 'offer-prefill' }] },
    { name: 'beyond the policy', details: [{ ...DETAILS, categories: ['payment-card'] }] },
  ])('with details $name', async ({ details }) => {
    const text = typeof details === 'string' ? details : JSON.stringify(details);
    const told = await askToken({ scope: '', authorization_details: text });
    expectRefusal(told, 400, 'invalid_authorization_details');
  });

  test('with details and a scope', async () => {
    expectRefusal(await askToken({ authorization_details: JSON.stringify([DETAILS]) }), 400, 'invalid_request');
  });

  test('with a proof that was shown before, at whichever gateway', async () => {
    const dpop = proofBy(rotated);
    expect((await askToken({}, { client: 'strict' }, { dpop })).status).toBe(200);
    for (const gateway of [world, second])
      expectRefusal(await askToken({}, { client: 'strict' }, { dpop }, gateway), 400, 'invalid_dpop_proof');
  });

  test('with two ways to authenticate', async () => {
    const basic = `Basic ${Buffer.from('offerly:secret').toString('base64')}`;
    expectRefusal(await askToken({}, {}, { authorization: basic }), 400, 'invalid_request');
  });

  test('with a password, in the words of that scheme', async () => {
    const basic = `Basic ${Buffer.from('offerly:secret').toString('base64')}`;
    const told = await sendForm(world, TOKEN, GRANT, { authorization: basic });
    expect(refusal(told)).toEqual([401, 'invalid_client']);
    expect(told.headers.get('www-authenticate')).toBe('Basic realm="client"');
  });

  test('with a parameter twice', async () => {
    const form = [...Object.entries({ ...GRANT, ...authentication() }), ['scope', SCOPE]];
    expectRefusal(await sendForm(world, TOKEN, form), 400, 'invalid_request');
  });

  const send = async (init: RequestInit) => {
    const response = await world.gateway.fetch(new Request(TOKEN, init));
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

  test('as JSON', async () => {
    const body = JSON.stringify({ ...GRANT, ...authentication() });
    const told = await send({ method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expectRefusal(told as Told, 400, 'invalid_request');
  });

  test('as a text that is not UTF-8', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const told = await send({ method: 'POST', body: Uint8Array.of(0x73, 0x3d, 0xff), headers });
    expectRefusal(told as Told, 400, 'invalid_request');
  });

  test('by GET, with its parameters in the address or not', async () => {
    const query = new URLSearchParams({ ...GRANT, ...authentication() });
    for (const address of [TOKEN, `${TOKEN}?${query}`]) {
      const response = await world.gateway.fetch(new Request(address));
      const { status, headers } = response;
      expectRefusal({ status, headers, body: await response.json() }, 405, 'invalid_request');
      expect(headers.get('allow')).toBe('POST');
    }
  });

  test('with a body of a megabyte, which is not read on', async () => {
    const told = await askToken({ padding: 'x'.repeat(1_000_000) });
    expectRefusal(told, 413, 'invalid_request');
    expect(told.headers.get('connection')).toBe('close');
  });

  test('from an address with too many failures, which is told when to try again', async () => {
    const guarded = await createWorld(
      {},
      { store, clock, ownIssuer: ISSUER, guards: { rates: { caller: 3, partner: 0 } } },
    );
    // each at an instant of its own, so that the rate of requests does not refuse it
    const told = [];
    for (let n = 0; n < 8; n++) told.push(await askToken({}, { by: stranger }, {}, guarded));
    expect(told.map(({ status }) => status)).toEqual([401, 401, 401, ...Array(5).fill(429)]);
    expect(told.at(-1)?.headers.get('retry-after')).toBe('1');
    await guarded.close();
  });

  test('where the gateway gives no tokens', async () => {
    const plain = await createWorld({}, { store, clock });
    expect((await askToken({}, {}, {}, plain)).status).toBe(404);
    await plain.close();
  });
});

describe('a token in the name of this gateway is refused', () => {
  const claims = (): Part => ({
    ...{ iss: ISSUER, aud: ISSUER, sub: 'offerly', client_id: 'offerly', kind: 'partner', jti: crypto.randomUUID() },
    ...{ purpose: 'targeted-offers', scope: 'name email', iat: now(), exp: now() + 900 },
  });
  const forged = (header: Part = {}, more: Part = {}) =>
    signedWith(key, { typ: 'at+jwt', ...header }, { ...claims(), ...more });
  const published = async () => {
    const response = await world.gateway.fetch(new Request(`${ISSUER}/.well-known/jwks.json`));
    const { keys } = (await response.json()) as { keys: JWK[] };
    return keys.find(({ kid }) => kid === ours) as JWK;
  };
  /** A token of this gateway, and the name of the key that has signed it. */
  let good: string;
  let ours: string;
  beforeAll(async () => {
    good = await tokenFor();
    ours = decodeProtectedHeader(good).kid as string;
  });
  const changed = (more: Part) => {
    const [header, , signature] = good.split('.');
    return [header, Buffer.from(JSON.stringify({ ...decodeJwt(good), ...more })).toString('base64url'), signature].join(
      '.',
    );
  };

  test.each<{ name: string; token: () => string | Promise<string> }>([
    { name: 'signed with the key of a partner', token: () => forged() },
    { name: 'signed so, in the name of our key', token: () => forged({ kid: ours }) },
    { name: 'signed so, in the name of our key and its algorithm', token: () => forged({ kid: ours, alg: 'EdDSA' }) },
    { name: 'signed so, by a key that is a path', token: () => forged({ kid: '../../dev/null' }) },
    { name: 'signed so, by a key that is an expression', token: () => forged({ kid: { $ne: '' } }) },
    { name: 'by a key that it brings along', token: () => forged({ jwk: key.jwk }) },
    { name: 'by a key that it says where to find', token: () => forged({ jku: 'https://evil.example/keys' }) },
    { name: 'by a certificate elsewhere', token: () => forged({ x5u: 'https://evil.example/x', x5c: ['MIIB'] }) },
    { name: 'with an extension that has to be known', token: () => forged({ kid: ours, crit: ['x'], x: 1 }) },
    { name: 'over its content as it is', token: () => forged({ kid: ours, crit: ['b64'], b64: false }) },
    { name: 'that is not signed', token: () => forged({ kid: ours, alg: 'none' }).replace(/[^.]*$/, '') },
    {
      name: 'with our public key as a secret',
      token: async () => {
        const content = forged({ kid: ours, alg: 'HS256' }).replace(/\.[^.]*$/, '');
        const secret = createPublicKey({ key: (await published()) as never, format: 'jwk' });
        const pem = secret.export({ type: 'spki', format: 'pem' });
        return `${content}.${createHmac('sha256', pem).update(content).digest('base64url')}`;
      },
    },
    { name: 'for staff', token: () => changed({ kind: 'staff', role: 'legal', purpose: 'legal-process' }) },
    { name: 'for more than was asked', token: () => changed({ scope: 'name email gender' }) },
    { name: 'for another purpose', token: () => changed({ purpose: 'offer-prefill' }) },
    { name: 'for longer', token: () => changed({ exp: now() + 3_600 }) },
    { name: 'with half its signature', token: () => good.slice(0, -40) },
    { name: 'longer than any token', token: () => forged({}, { padding: 'x'.repeat(9_000) }) },
    { name: 'that is an assertion', token: () => assertionWith() },
    { name: 'that is an assertion of its issuer', token: () => assertionWith({ claims: { iss: ISSUER } }) },
    { name: 'that is a proof', token: () => proofBy(key, { iss: ISSUER }) },
    {
      name: 'of another issuer, which names ours',
      token: async () => {
        const [header, , signature] = (await world.token(staff('legal', 'legal-process'))).split('.');
        return [header, Buffer.from(JSON.stringify(claims())).toString('base64url'), signature].join('.');
      },
    },
  ])('$name', async ({ token }) => {
    const given = await token();
    expect((await read(good)).status).toBe(200);
    expect((await read(given)).status).toBe(401);
    expect((await askAbout('introspect', given)).body).toEqual({ active: false });
  });
});

describe('a token that its client revokes', () => {
  test('is refused from then on, at each gateway, and again without an error', async () => {
    const token = await tokenFor();
    expect((await read(token, second)).status).toBe(200);
    for (const _ of [1, 2]) {
      const { status, body } = await askAbout('revoke', token);
      expect([status, body]).toEqual([200, null]);
    }
    expect([(await read(token)).status, (await read(token, second)).status]).toEqual([401, 401]);
    expect((await askAbout('introspect', token)).body).toEqual({ active: false });
  });

  test('stays on record until it has ended anyway', async () => {
    const revoked = store.connection.getClient().db(store.connection.name).collection('revoked_tokens');
    const before = await revoked.countDocuments();
    await askAbout('revoke', await tokenFor());
    clock.advance(HOUR);
    await world.gateway.sweep();
    expect(await revoked.countDocuments()).toBe(before + 1);
    clock.advance(2 * DAY);
    await world.gateway.sweep();
    expect(await revoked.countDocuments()).toBe(0);
  });

  test.each(['token', '', 'a.b.c'])('is none: %j', async (token) => {
    const told = await askAbout('revoke', token);
    if (token === '') expectRefusal(told, 400, 'invalid_request');
    else expect(told.status).toBe(200);
  });

  test('is its own: that of another stays good', async () => {
    const token = await tokenFor('other', foreign);
    expectRefusal(await askAbout('revoke', token), 400, 'unauthorized_client');
    expect((await read(token)).status).toBe(200);
  });

  test('takes an assertion of the client', async () => {
    expectRefusal(await askAbout('revoke', await tokenFor(), { by: stranger }), 401, 'invalid_client');
  });
});

describe('a client that asks about a token', () => {
  test('is told the claims of its own', async () => {
    const { access_token: token, scope } = (await askToken()).body;
    const { purpose: _purpose, kind: _kind, ...claims } = decodeJwt(token);
    expect((await askAbout('introspect', token)).body).toEqual({
      active: true,
      token_type: 'Bearer',
      ...claims,
      scope,
    });
  });

  test('is told the key that it is bound to', async () => {
    const token = (await askToken({}, {}, { dpop: proofBy(rotated) })).body.access_token;
    const { cnf } = decodeJwt(token);
    expect((await askAbout('introspect', token)).body).toMatchObject({ active: true, token_type: 'DPoP', cnf });
  });

  test.each<{ name: string; token: () => Promise<string> }>([
    { name: 'of another client', token: () => tokenFor('other', foreign) },
    { name: 'that the client has signed itself', token: async () => assertionWith({ header: { typ: 'at+jwt' } }) },
    { name: 'that is none', token: async () => 'token' },
    {
      name: 'that has ended',
      token: async () => {
        const token = await tokenFor();
        clock.advance(900_000);
        return token;
      },
    },
    { name: 'of staff', token: () => world.token(staff('legal', 'legal-process')) },
  ])('is told nothing of one $name', async ({ token }) => {
    expect((await askAbout('introspect', await token())).body).toEqual({ active: false });
  });

  test('is told that one bound to no key is good no more once its partner has to bind them', async () => {
    const token = await tokenFor('binding');
    await world.load({ partners: [{ ...BINDING, dpopBoundAccessTokens: true }] });
    const asked = await askAbout('introspect', token, { client: 'binding' });
    expect([(await read(token)).status, asked.body]).toEqual([401, { active: false }]);
  });

  test('is told that none is good any more once its partner is suspended', async () => {
    const legal = staff('legal', 'legal-process');
    const token = await tokenFor('other', foreign);
    await world.ask(legal, 'mutation { suspendPartner(partner: "other") { clientId } }');
    const asked = await askAbout('introspect', token, { client: 'other', by: foreign });
    await world.ask(legal, 'mutation { reinstatePartner(partner: "other") { clientId } }');
    expect(asked.body).toEqual({ active: false });
  });
});

describe('the key that signs', () => {
  const publishedBy = async (gateway: TestWorld) => {
    const response = await gateway.gateway.fetch(new Request(`${ISSUER}/.well-known/jwks.json`));
    return ((await response.json()) as { keys: Part[] }).keys;
  };
  const signing = () => createSigningKeys(store, KEYS.keyEncryptionKey);
  const MOST = 16 * 60_000;

  test('is the same at each gateway, and published without its private half', async () => {
    const token = await tokenFor();
    const { kid } = decodeProtectedHeader((await askToken({}, {}, {}, second)).body.access_token);
    expect(decodeProtectedHeader(token).kid).toBe(kid);
    const [first, other] = [await publishedBy(world), await publishedBy(second)];
    expect(first).toEqual(other);
    expect(first).toContainEqual(expect.objectContaining({ kid, kty: 'OKP', alg: 'EdDSA', use: 'sig' }));
    expect(JSON.stringify(first)).not.toContain('"d"');
  });

  test('is exchanged at once, and tokens that it has signed stay good until they end', async () => {
    const before = await tokenFor();
    const { kid } = decodeProtectedHeader(before);
    await signing().rotate({ now: clock.now(), lostSince: null });
    const after = await tokenFor();
    expect(decodeProtectedHeader(after).kid).not.toBe(kid);
    for (const gateway of [world, second])
      for (const token of [before, after]) expect((await read(token, gateway)).status).toBe(200);
    clock.advance(MOST);
    expect((await read(before)).status).toBe(401);
  });

  test('stays published once another signs, by its public half alone and with the time until which it signed', async () => {
    const { kid } = decodeProtectedHeader(await tokenFor());
    const until = Math.ceil(clock.now().getTime() / 1_000);
    await signing().rotate({ now: clock.now(), lostSince: null });
    clock.advance(MOST);
    const [signs, ...retired] = await publishedBy(second);
    expect(signs).not.toHaveProperty('exp');
    expect(retired).toContainEqual(expect.objectContaining({ kid, exp: until }));
    const kept = (await signing().read()).find(({ jwk }) => jwk.kid === kid);
    expect(kept?.jwk).not.toHaveProperty('d');
  });

  test('is forgotten with all that it has signed, where others have it', async () => {
    const token = await tokenFor();
    const { kid } = decodeProtectedHeader(token);
    await signing().rotate({ now: clock.now(), lostSince: clock.now() });
    expect([(await read(token)).status, (await read(await tokenFor())).status]).toEqual([401, 200]);
    expect((await publishedBy(world)).map((each) => each.kid)).not.toContain(kid);
  });

  test.each(RECEIPT_TYPES)('makes no token of a %s with any claims', async (typ) => {
    const claims = decodeJwt(await tokenFor());
    const receipt = await signing().sign(claims, typ);
    expect([(await read(receipt)).status, (await read(await signing().sign(claims, 'at+jwt'))).status]).toEqual([
      401, 200,
    ]);
    expect((await askAbout('introspect', receipt)).body).toEqual({ active: false });
    expect(refusal(await askToken({ client_assertion: receipt }))).toEqual([401, 'invalid_client']);
  });

  test('lies sealed in the database', async () => {
    const secrets = store.connection
      .getClient()
      .db(store.connection.name)
      .collection<{ _id: string }>('gateway_secrets');
    const kept = JSON.stringify(await secrets.findOne({ _id: 'signing keys' }));
    for (const { jwk } of await signing().read()) for (const part of [jwk.d, jwk.x]) expect(kept).not.toContain(part);
  });
});

test('the metadata of the gateway tells clients the endpoints and methods, and names it as the server of its tokens', async () => {
  const get = async (path: string) => {
    const response = await world.gateway.fetch(new Request(ISSUER + path));
    return (await response.json()) as Record<string, unknown>;
  };
  const { scopes_supported: scopes, ...metadata } = await get('/.well-known/oauth-authorization-server');
  const algorithms = ['Ed25519', 'EdDSA', 'ES256', 'ES384', 'PS256', 'PS384', 'RS256'];
  const endpoint = (name: string) => ({
    [`${name}_endpoint_auth_methods_supported`]: ['private_key_jwt'],
    [`${name}_endpoint_auth_signing_alg_values_supported`]: algorithms,
  });
  expect(metadata).toEqual({
    ...{ issuer: ISSUER, token_endpoint: TOKEN, jwks_uri: `${ISSUER}/.well-known/jwks.json` },
    ...{ revocation_endpoint: `${ISSUER}/oauth/revoke`, introspection_endpoint: `${ISSUER}/oauth/introspect` },
    ...{ response_types_supported: [], grant_types_supported: ['client_credentials'] },
    ...{ ...endpoint('token'), ...endpoint('revocation'), ...endpoint('introspection') },
    dpop_signing_alg_values_supported: algorithms,
    authorization_details_types_supported: ['assent'],
  });
  expect(scopes).toEqual(expect.arrayContaining(['name', 'postal-address', 'purpose:targeted-offers']));
  expect((await get('/.well-known/oauth-protected-resource')).authorization_servers).toEqual([ISSUER]);
});
