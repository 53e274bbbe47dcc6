import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts';
import { createClientKey } from '../../support/clients.ts';
import { openTestStore, type TestStore } from '../../support/store.ts';
import { createWorld, type TestWorld } from '../../support/world.ts';

// Clients that know nothing of this gateway, over its server.

const SCOPE = 'name email purpose:targeted-offers';
const key = createClientKey();
const OFFERS = {
  ...{ kind: 'OFFERS', jurisdiction: 'US', contract: { purposes: ['targeted-offers'] } },
  jwks: { keys: [{ ...key.jwk, kid: 'k1', use: 'sig', alg: 'ES256' }] },
};
const QUERY = JSON.stringify({ query: '{ users { edges { node { name } } } }' });
const NEKO = { data: { users: { edges: [{ node: { name: 'Nia Ko' } }] } } };
const JSON_TYPE = { 'content-type': 'application/json' };

let store: TestStore;
let world: TestWorld;
let server: HttpServer;
let issuer: URL;
let clientKey: oauth.CryptoKey;

beforeAll(async () => {
  store = await openTestStore();
  server = createHttpServer((request, arrival) => world.gateway.fetch(request, arrival));
  issuer = new URL(`http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`);
  const user = { id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@example.com', country: 'US' };
  world = await createWorld(
    {
      users: [{ ...user, consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2026-01-01T00:00:00Z' }] }],
      partners: [
        { ...OFFERS, clientId: 'offerly', name: 'Offerly' },
        { ...OFFERS, clientId: 'strict', name: 'Strict', dpopBoundAccessTokens: true },
      ],
    },
    { store, ownIssuer: issuer.origin },
  );
  const usage = { name: 'ECDSA', namedCurve: 'P-256' };
  clientKey = await crypto.subtle.importKey('jwk', key.secret as JsonWebKey, usage, false, ['sign']);
});
afterAll(async () => {
  await server.drain({ delay: 0, limit: 1_000 });
  await world.close();
  await store.drop();
});

describe('oauth4webapi', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const client = (client_id: string): oauth.Client => ({ client_id });
  const authentication = () => oauth.PrivateKeyJwt({ key: clientKey, kid: 'k1' });
  const discover = async () =>
    oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }));

  test('finds the server from the resource, gets a token, uses it, asks about it and ends it', async () => {
    const endpoint = new URL('/graphql', issuer);
    const challenged = await fetch(endpoint, {
      ...{ method: 'POST', body: QUERY },
      headers: { ...JSON_TYPE, authorization: 'Bearer none' },
    });
    const [, told = ''] = /resource_metadata="([^"]*)"/.exec(challenged.headers.get('www-authenticate') ?? '') ?? [];
    const resource = await oauth.processResourceDiscoveryResponse(endpoint, await fetch(told));
    expect(resource.authorization_servers).toEqual([issuer.origin]);
    for (const known of [endpoint, issuer]) {
      const found = await oauth.resourceDiscoveryRequest(known, insecure);
      expect((await oauth.processResourceDiscoveryResponse(known, found)).authorization_servers).toEqual([
        issuer.origin,
      ]);
    }

    const as = await discover();
    const offerly = client('offerly');
    const granted = await oauth.processClientCredentialsResponse(
      as,
      offerly,
      await oauth.clientCredentialsGrantRequest(as, offerly, authentication(), { scope: SCOPE }, insecure),
    );
    expect(granted).toMatchObject({ token_type: 'bearer', scope: SCOPE, expires_in: 900 });
    const { access_token: token } = granted;

    const keys = (await (await fetch(as.jwks_uri as string)).json()) as JSONWebKeySet;
    const checks = { issuer: issuer.origin, audience: issuer.origin, typ: 'at+jwt' };
    await expect(jwtVerify(token, createLocalJWKSet(keys), checks)).resolves.toBeDefined();

    const read = () =>
      oauth.protectedResourceRequest(
        token,
        'POST',
        new URL('/graphql', issuer),
        new Headers(JSON_TYPE),
        QUERY,
        insecure,
      );
    expect(await (await read()).json()).toEqual(NEKO);
    const introspect = async () =>
      oauth.processIntrospectionResponse(
        as,
        offerly,
        await oauth.introspectionRequest(as, offerly, authentication(), token, insecure),
      );
    expect(await introspect()).toMatchObject({ active: true, client_id: 'offerly', scope: SCOPE });
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(as, offerly, authentication(), token, insecure),
    );
    expect(await introspect()).toEqual({ active: false });
    await expect(read()).rejects.toThrow(oauth.WWWAuthenticateChallengeError);
  });

  test('gets and uses a token that is bound to its key', async () => {
    const as = await discover();
    const strict = client('strict');
    const DPoP = oauth.DPoP(strict, await oauth.generateKeyPair('ES256'));
    const granted = await oauth.processClientCredentialsResponse(
      as,
      strict,
      await oauth.clientCredentialsGrantRequest(as, strict, authentication(), { scope: SCOPE }, { DPoP, ...insecure }),
    );
    expect(granted.token_type).toBe('dpop');
    const options = { DPoP, ...insecure };
    const address = new URL('/graphql', issuer);
    const headers = new Headers(JSON_TYPE);
    const answer = await oauth.protectedResourceRequest(granted.access_token, 'POST', address, headers, QUERY, options);
    expect(await answer.json()).toEqual(NEKO);
  });

  test('gets and uses a token by keys of Ed25519', async () => {
    const usable = { extractable: true };
    const pair = await oauth.generateKeyPair('Ed25519', usable);
    const jwks = { keys: [await crypto.subtle.exportKey('jwk', pair.publicKey)] };
    await world.load({ partners: [{ ...OFFERS, clientId: 'edward', name: 'Edward', jwks }] });
    const [as, edward] = [await discover(), client('edward')];
    const options = { DPoP: oauth.DPoP(edward, await oauth.generateKeyPair('Ed25519')), ...insecure };
    const asked = oauth.clientCredentialsGrantRequest(
      as,
      edward,
      oauth.PrivateKeyJwt(pair.privateKey),
      { scope: SCOPE },
      options,
    );
    const granted = await oauth.processClientCredentialsResponse(as, edward, await asked);
    const address = new URL('/graphql', issuer);
    const headers = new Headers(JSON_TYPE);
    const answer = await oauth.protectedResourceRequest(granted.access_token, 'POST', address, headers, QUERY, options);
    expect(await answer.json()).toEqual(NEKO);
  });

  test.each([
    { name: 'beyond its contract', id: 'offerly', scope: 'name purpose:billing', error: 'invalid_scope' },
    { name: 'of a client that is not on record', id: 'nobody', scope: SCOPE, error: 'invalid_client' },
  ])('understands the refusal of a request $name', async ({ id, scope, error }) => {
    const as = await discover();
    const request = oauth.clientCredentialsGrantRequest(as, client(id), authentication(), { scope }, insecure);
    await expect(
      request.then((response) => oauth.processClientCredentialsResponse(as, client(id), response)),
    ).rejects.toMatchObject({ error, error_description: expect.any(String) });
  });
});

describe('openid-client', () => {
  const discover = (clientId: string) =>
    openid.discovery(issuer, clientId, {}, openid.PrivateKeyJwt({ key: clientKey, kid: 'k1' }), {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
  const read = async (config: openid.Configuration, token: string, options: openid.DPoPOptions = {}) => {
    const headers = new Headers(JSON_TYPE);
    const address = new URL('/graphql', issuer);
    const answer = await openid.fetchProtectedResource(config, token, address, 'POST', QUERY, headers, options);
    return answer.json();
  };

  test('gets a token, uses it, asks about it and ends it', async () => {
    const config = await discover('offerly');
    const granted = await openid.clientCredentialsGrant(config, { scope: SCOPE });
    expect(granted).toMatchObject({ token_type: 'bearer', expires_in: 900 });
    expect(await read(config, granted.access_token)).toEqual(NEKO);
    expect(await openid.tokenIntrospection(config, granted.access_token)).toMatchObject({ active: true });
    await openid.tokenRevocation(config, granted.access_token);
    expect(await openid.tokenIntrospection(config, granted.access_token)).toEqual({ active: false });
  });

  test('gets and uses a token that is bound to its key', async () => {
    const config = await discover('strict');
    const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
    const { access_token: token, token_type: type } = await openid.clientCredentialsGrant(
      config,
      { scope: SCOPE },
      { DPoP },
    );
    expect(type).toBe('dpop');
    expect(await read(config, token, { DPoP })).toEqual(NEKO);
  });

  test('is told the error in its own words', async () => {
    const config = await discover('strict');
    await expect(openid.clientCredentialsGrant(config, { scope: SCOPE })).rejects.toMatchObject({
      error: 'invalid_request',
    });
  });
});
