import * as fc from 'fast-check';
import { type GraphQLSchema, OperationTypeNode } from 'graphql';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { createEnforcedSchema } from '../../src/gateway/schema.ts';
import { plainIssuer } from '../../src/http/authenticate.ts';
import { createCanary, findCanaries } from '../support/canaries.ts';
import { operationsOf } from '../support/operations.ts';
import { quiet } from '../support/store.ts';
import { AUTH, createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './fuzz.ts';
import { mutatedText, mutatedValue, nastyValue } from './mutations.ts';

let world: TestWorld;
let schema: GraphQLSchema;
let gateway: Gateway;
let privateKey: CryptoKey;

const KEY = { kid: 'fuzz', alg: 'EdDSA' };

beforeAll(async () => {
  world = await createWorld({
    users: [
      {
        ...{ id: 'u1', avatarName: 'Neko', name: 'Nora', email: 'neko@example.com', birthDate: '1990-02-03' },
        ...{ posts: [{ id: 'o', forum: 'f', text: 't' }], relationships: [{ partner: 'atelier' }] },
      },
    ],
    partners: [
      {
        ...{ clientId: 'atelier', name: 'Atelier', kind: 'CO_BRANDED', jurisdiction: 'US' },
        contract: { purposes: ['co-branded-service'] },
      },
    ],
  });
  schema = createEnforcedSchema(world.table);
  const pair = await generateKeyPair('EdDSA', { extractable: true });
  privateKey = pair.privateKey;
  const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), ...KEY }] };
  const { store, table, clock } = world;
  gateway = createGateway({
    ...{ store, table, clock, log: quiet, keyEncryptionKey: Buffer.alloc(32, 9), sharedSecret: Buffer.alloc(32, 7) },
    auth: { issuers: [plainIssuer({ ...AUTH, keys: createLocalJWKSet(jwks), algorithms: ['EdDSA'] })], jwks },
    // A fast machine sends more requests than one caller may.
    guards: { rates: { caller: 0, partner: 0 } },
  });
});

afterAll(async () => {
  await gateway.close();
  await world.close();
});

const post = (to: Gateway, body: string | Uint8Array, headers: Record<string, string>) =>
  to.fetch(new Request('http://gateway.test/graphql', { method: 'POST', headers, body: body as never }));

/** Whether a text may stand in a header at all. */
const isHeader = (text: string) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);

const seconds = () => Math.floor(Date.now() / 1_000);
const goodClaims = () => ({
  ...{
    iss: AUTH.issuer,
    aud: AUTH.audience,
    sub: 'u1',
    jti: 'j',
    kind: 'member',
    iat: seconds(),
    exp: seconds() + 600,
  },
  ...{ purpose: 'co-branded-service', scope: 'name email', role: 'support', nbf: seconds() - 1 },
});

interface Forged {
  readonly header: object;
  readonly claims: unknown;
}

const signed: fc.Arbitrary<() => Promise<string>> = fc
  .record<Forged>({
    header: fc.oneof(
      fc.constant({ ...KEY, typ: 'at+jwt' }),
      mutatedValue({ ...KEY, typ: 'at+jwt' }) as fc.Arbitrary<object>,
    ),
    claims: fc.oneof(mutatedValue(goodClaims()), nastyValue),
  })
  .map(({ header, claims }) => async () => {
    try {
      return await new SignJWT(claims as never).setProtectedHeader({ ...header, alg: 'EdDSA' }).sign(privateKey);
    } catch {
      return 'not.a.token';
    }
  });

const BASE64 = ['.', '..', '=', 'e30', 'bnVsbA', 'eyJhbGciOiJub25lIn0', ' ', ',', 'Bearer ', '\t'];

test(
  'any token is a good one, or is refused with 401, and nothing of it comes back',
  async () => {
    const good = await new SignJWT(goodClaims()).setProtectedHeader({ ...KEY, typ: 'at+jwt' }).sign(privateKey);
    const inputs = fc.oneof(
      signed.map((sign) => async () => `Bearer ${await sign()}`),
      mutatedText(fc.constant(`Bearer ${good}`), BASE64).map((text) => async () => text),
      fc.string({ unit: 'binary' }).map((text) => async () => `Bearer ${text}`),
    );
    expect((await post(gateway, '{}', { authorization: `Bearer ${good}` })).status).not.toBe(401);

    await fuzz(inputs, async (make) => {
      const authorization = await make();
      if (!isHeader(authorization)) return;
      const response = await post(gateway, JSON.stringify({ query: '{ me { id } policies { version } }' }), {
        'content-type': 'application/json',
        authorization,
      });
      const text = await response.text();
      expect([200, 401]).toContain(response.status);
      expect(JSON.parse(text)).toEqual(expect.any(Object));
      expect(text).not.toMatch(/canary/);
      const [, payload] = authorization.split('.');
      if (payload !== undefined && payload.length > 16) expect(text).not.toContain(payload);
    });
  },
  FUZZ_TIMEOUT_MS,
);

const SYNTAX = [
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '!',
    '$',
    ':',
    '=',
    '@',
    '|',
    '&',
    '...',
    '"',
    '"""',
    '#',
    ',',
    '\n',
    '\\u{110000}',
  ],
  ...[
    'query',
    'mutation',
    'subscription',
    'fragment F on User',
    '...F',
    '... on User',
    '__typename',
    '__schema',
    'null',
  ],
  ...[
    '@skip(if: true)',
    '@include(if: $a)',
    '@defer',
    '@stream',
    '$a: [[Int!]!]!',
    '{ me { id } }',
    'input: {}',
    'first: -1',
  ],
  ...[
    'first: 99999999999',
    'after: "x"',
    'id: "u1"',
    '1e999',
    'users(first: 100) { edges { node {',
    '\ufeff',
    '\u0000',
  ],
];

test(
  'any operation is answered as GraphQL, with no fault of ours, and no value comes back that was only sent',
  async () => {
    const fill = () => createCanary();
    const operations = [OperationTypeNode.QUERY, OperationTypeNode.MUTATION].flatMap((kind) =>
      operationsOf(schema, kind, fill).filter(({ query }) => !/eraseAccount|register/.test(query)),
    );
    const tokens = await Promise.all(
      [
        member('u1'),
        partner('atelier', 'co-branded-service', 'name email'),
        staff('support', 'customer-support'),
        staff('legal', 'legal-process'),
        staff('privacy', 'privacy-request'),
      ].map(world.token),
    );
    const operation = fc.constantFrom(...operations);
    const body = fc.oneof(
      operation.chain(({ query, variables }) =>
        mutatedValue({ query, variables, operationName: null, extensions: {} }).map(
          (value) => JSON.stringify(value) ?? '',
        ),
      ),
      operation.chain(({ query, variables }) =>
        mutatedText(fc.constant(query), SYNTAX).map((text) => JSON.stringify({ query: text, variables })),
      ),
      operation.chain(({ query, variables }) =>
        mutatedText(fc.constant(JSON.stringify({ query, variables })), ['{', '}', '[', '"', '\\', ',', 'null']),
      ),
      fc.uint8Array({ maxLength: 500 }),
      nastyValue.map((value) => JSON.stringify(value) ?? ''),
    );
    const contentType = fc.oneof(
      { weight: 8, arbitrary: fc.constant('application/json') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ...[
            'application/graphql',
            'text/plain',
            'application/x-www-form-urlencoded',
            'multipart/form-data; boundary=x',
          ],
          ...['application/json; charset=utf-7', 'application/graphql-response+json', '', ';', 'application/JSON;'],
        ),
      },
    );
    const accept = fc.constantFrom(
      '*/*',
      'application/json',
      'application/graphql-response+json',
      'text/html',
      'image/png',
      ';;',
    );
    const inputs = fc.record({ body, contentType, accept, token: fc.constantFrom(null, ...tokens) });

    await fuzz(inputs, async ({ body, contentType, accept, token }) => {
      const response = await post(world.gateway, body, {
        'content-type': contentType,
        accept,
        ...(token !== null && { authorization: `Bearer ${token}` }),
      });
      const text = await response.text();
      expect([200, 400, 401, 403, 404, 405, 406, 413, 415, 422, 429]).toContain(response.status);
      if (text !== '') expect(JSON.parse(text)).toEqual(expect.any(Object));
      const sent = typeof body === 'string' ? [...body.matchAll(/canary[\da-f]{18}/g)].map(([value]) => value) : [];
      const { errors } = text === '' ? { errors: [] } : JSON.parse(text);
      expect(findCanaries(JSON.stringify(errors ?? []), sent)).toEqual([]);
    });
  },
  FUZZ_TIMEOUT_MS,
);
