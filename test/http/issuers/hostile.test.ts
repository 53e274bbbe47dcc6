import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IssuerEntry, parseIssuers } from '../../../src/http/issuers-file.ts';
import { createRevokedTokens } from '../../../src/store/mongo/repositories/revoked-tokens.ts';
import { issuerOf, justIssued, keyOf, type Part, POLICY_WORDS, signedBy } from '../../support/issuers.ts';
import { createWorld, type TestWorld } from '../../support/world.ts';

/** Stands in tokens, and in no answer. */
const CANARY = 'canary4711';

const PARTNERS_OF = 'https://partners.example';
const PEOPLE_OF = 'https://people.example';
const STAFF_OF = 'https://staff.example';

const FILE = `
- issuer: ${PARTNERS_OF}
  jwks: ${PARTNERS_OF}/keys
  audience: assent
  kinds: [partner]
  types: [at+jwt, JWT, none]
  client: [client_id, azp]
  clients: [offerly, mailer, bound]
  token: [jti, digest]
  scope: { claims: [scope, scp], prefix: 'assent:', ignoreOthers: true }
  purpose:
    claim: purpose
    scopePrefix: 'purpose:'
    authorizationDetails: assent
    perClient: { bound: targeted-offers }
  appOnly: { any: [{ gty: client-credentials, absent: [sid] }] }
  leewaySeconds: 5
- issuer: ${PEOPLE_OF}
  jwks: ${PEOPLE_OF}/keys
  audience: assent
  kinds: [member]
  types: [JWT]
  client: [azp]
  appOnly: { any: [{ gty: client-credentials }] }
  member: { when: { claim: groups, has: people } }
- issuer: ${STAFF_OF}
  jwks: ${STAFF_OF}/keys
  audience: assent
  kinds: [staff]
  types: [JWT]
  client: [azp]
  appOnly: { any: [{ gty: client-credentials }] }
  staff: { role: { claim: app.roles, map: { Officer: privacy, Desk: support } } }
  purpose: { perRole: { privacy: privacy-request, support: customer-support } }
`;

const OFFERS = { kind: 'OFFERS', jurisdiction: 'US', contract: { purposes: ['targeted-offers'] } };

let world: TestWorld;
let entries: readonly IssuerEntry[];
beforeAll(async () => {
  entries = parseIssuers(FILE, 'issuers.yaml', POLICY_WORDS);
  world = await createWorld(
    {
      users: [
        {
          ...{ id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@example.com', gender: 'x', country: 'US' },
          consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2026-01-01T00:00:00Z' }],
        },
      ],
      partners: ['offerly', 'mailer', 'bound', 'other'].map((clientId) => ({ ...OFFERS, clientId, name: clientId })),
    },
    { issuers: entries.map(issuerOf) },
  );
});
afterAll(() => world.close());

const partnerClaims = (): Part => ({
  ...{ iss: PARTNERS_OF, aud: 'assent', sub: 'svc-1', jti: CANARY, client_id: 'offerly', gty: 'client-credentials' },
  ...{ purpose: 'targeted-offers', scope: 'openid assent:name assent:email', ...justIssued() },
});
const memberClaims = (): Part => ({
  ...{ iss: PEOPLE_OF, aud: 'assent', sub: 'u1', jti: CANARY, azp: 'app', groups: ['people'], ...justIssued() },
});
const staffClaims = (): Part => ({
  ...{ iss: STAFF_OF, aud: 'assent', sub: 's1', jti: CANARY, azp: 'app', app: { roles: ['Desk'] }, ...justIssued() },
});

const JWT = { typ: 'JWT' };
const partner = (claims: Part = {}, header: Part = JWT) =>
  signedBy(PARTNERS_OF, header, { ...partnerClaims(), ...claims });
const member = (claims: Part = {}, header: Part = JWT) => signedBy(PEOPLE_OF, header, { ...memberClaims(), ...claims });
const staff = (claims: Part = {}, header: Part = JWT) => signedBy(STAFF_OF, header, { ...staffClaims(), ...claims });

const NAMES = '{ users { edges { node { name email gender } } } }';
const ask = async (token: string, query = '{ __typename }') => {
  const response = await world.post({ query }, { authorization: `Bearer ${token}` });
  const text = await response.text();
  return { response, text, status: response.status, ...(JSON.parse(text) as { data?: unknown; errors?: unknown[] }) };
};
const reasonsOf = ({ errors = [] }: { errors?: unknown[] }) =>
  errors.map((error) => (error as { extensions: { reason?: string } }).extensions.reason);

describe('a token of a foreign issuer is accepted', () => {
  const now = () => justIssued().iat;
  test.each<{ name: string; token: () => string }>([
    { name: 'of a partner', token: () => partner() },
    { name: 'of a partner, without a type', token: () => partner({}, {}) },
    {
      name: 'of a partner, with its type in full and in capitals',
      token: () => partner({}, { typ: 'application/AT+JWT' }),
    },
    {
      name: 'of a partner, with the client in the second claim',
      token: () => partner({ client_id: undefined, azp: 'mailer' }),
    },
    {
      name: 'of a partner, with the scope as a list in the second claim',
      token: () => partner({ scope: undefined, scp: ['assent:name'] }),
    },
    { name: 'of a partner, without an id of its own', token: () => partner({ jti: undefined }) },
    {
      name: 'of a partner, with the purpose as a word of the scope',
      token: () => partner({ purpose: undefined, scope: 'assent:name purpose:targeted-offers' }),
    },
    {
      name: 'of a partner, with the purpose in its details',
      token: () =>
        partner({
          purpose: undefined,
          authorization_details: [
            { type: 'assent', purpose: 'targeted-offers' },
            { type: 'payment', amount: 1 },
          ],
        }),
    },
    {
      name: 'of a partner, with the purpose from the file',
      token: () => partner({ purpose: undefined, client_id: 'bound' }),
    },
    { name: 'of a partner, with the purpose stated twice, alike', token: () => partner({ client_id: 'bound' }) },
    { name: 'issued as far ahead as the file allows', token: () => partner({ iat: now() + 5 }) },
    { name: 'of a person', token: () => member() },
    { name: 'of a member of staff, with roles within another claim', token: () => staff() },
    {
      name: 'of a member of staff with a role that means nothing here',
      token: () => staff({ app: { roles: ['Desk', 'Cook'] } }),
    },
  ])('$name', async ({ token }) => {
    const { status, text } = await ask(token());
    expect([status, text]).toEqual([200, '{"data":{"__typename":"Query"}}']);
  });
});

describe('a token of a foreign issuer is refused', () => {
  const now = () => justIssued().iat;
  const { privateKey: _, jwk } = keyOf('https://stranger.example');
  test.each<{ name: string; token: () => string }>([
    // a person's, or nobody's, as a partner's
    { name: 'of a person, as a partner’s', token: () => partner({ gty: undefined, sid: 's-1', groups: ['people'] }) },
    { name: 'of a person with the claim of programs as well', token: () => partner({ sid: 's-1' }) },
    { name: 'of a program that says otherwise how it came', token: () => partner({ gty: 'password' }) },
    { name: 'of a program that says it in a list', token: () => partner({ gty: ['client-credentials'] }) },
    { name: 'of a program, as a person’s', token: () => member({ gty: 'client-credentials' }) },
    { name: 'of a program, as that of staff', token: () => staff({ gty: 'client-credentials' }) },
    { name: 'of a person without the sign of one', token: () => member({ groups: ['peoples'] }) },
    {
      name: 'of a person with a sign that every object has',
      token: () => member({ groups: undefined, constructor: 'people' }),
    },
    { name: 'with the claim of this gateway’s own tokens', token: () => member({ groups: [], kind: 'member' }) },
    {
      name: 'of a partner with the kind of staff',
      token: () => partner({ kind: 'staff', role: 'privacy', gty: undefined }),
    },
    { name: 'of staff with two roles', token: () => staff({ app: { roles: ['Desk', 'Officer'] } }) },
    { name: 'of staff with a role of every object', token: () => staff({ app: { roles: ['constructor'] } }) },
    { name: 'of staff without a role', token: () => staff({ app: {} }) },
    { name: 'of staff by the issuer of partners', token: () => partner({ gty: undefined, app: { roles: ['Desk'] } }) },
    { name: 'without a client', token: () => member({ azp: undefined }) },
    { name: 'of a client that is a list', token: () => partner({ client_id: ['offerly'] }) },
    { name: 'of a client that is an expression', token: () => partner({ client_id: { $ne: '' } }) },
    { name: 'of a partner on record that its issuer does not speak for', token: () => partner({ client_id: 'other' }) },
    // issuers
    { name: 'of one issuer, signed by another', token: () => signedBy(PEOPLE_OF, JWT, partnerClaims()) },
    {
      name: 'of one issuer, signed by another under its key id',
      token: () => signedBy(PEOPLE_OF, { ...JWT, kid: keyOf(PARTNERS_OF).jwk.kid }, partnerClaims()),
    },
    { name: 'of staff, signed by the issuer of people', token: () => signedBy(PEOPLE_OF, JWT, staffClaims()) },
    { name: 'of an unknown issuer', token: () => partner({ iss: 'https://evil.example' }) },
    { name: 'of an issuer with a slash', token: () => partner({ iss: `${PARTNERS_OF}/` }) },
    { name: 'of a list of issuers', token: () => partner({ iss: [PARTNERS_OF] }) },
    { name: 'of no issuer', token: () => partner({ iss: undefined }) },
    {
      name: 'by a key that it says where to find',
      token: () =>
        signedBy('https://stranger.example', { ...JWT, jku: 'https://stranger.example/keys' }, partnerClaims()),
    },
    {
      name: 'by a key that it brings along',
      token: () => signedBy('https://stranger.example', { ...JWT, jwk: { ...jwk, alg: undefined } }, partnerClaims()),
    },
    {
      name: 'by a certificate that it says where to find',
      token: () => signedBy('https://stranger.example', { ...JWT, x5u: 'https://stranger.example/x' }, partnerClaims()),
    },
    { name: 'that says it is not signed', token: () => partner({}, { ...JWT, alg: 'none' }) },
    { name: 'that says it is signed with a secret', token: () => partner({}, { ...JWT, alg: 'HS256' }) },
    // use
    { name: 'for another audience', token: () => partner({ aud: 'other' }) },
    { name: 'for an audience that is longer', token: () => partner({ aud: 'assent/admin' }) },
    { name: 'for no audience', token: () => partner({ aud: undefined }) },
    ...['nonce', 'at_hash', 'c_hash', 's_hash', 'events'].map((claim) => ({
      name: `with ${claim}`,
      token: () => member({ [claim]: 'x' }),
    })),
    { name: 'that its claims call an ID token', token: () => member({ typ: 'ID' }) },
    { name: 'that its claims call a refresh token', token: () => partner({ typ: 'Refresh' }) },
    { name: 'for another use', token: () => member({ token_use: 'id' }) },
    { name: 'for logging out', token: () => member({}, { typ: 'logout+jwt' }) },
    { name: 'of a type that the file does not have', token: () => member({}, { typ: 'at+jwt' }) },
    { name: 'without a type, where the file wants one', token: () => member({}, {}) },
    { name: 'of a type that is empty', token: () => partner({}, { typ: '' }) },
    // scope and purpose
    { name: 'with an unknown word behind the prefix', token: () => partner({ scope: 'assent:everything' }) },
    { name: 'with a word of the scope that every object has', token: () => partner({ scope: 'assent:constructor' }) },
    { name: 'without a scope', token: () => partner({ scope: undefined }) },
    { name: 'with numbers for a scope', token: () => partner({ scope: [1, 2] }) },
    { name: 'with an object for a scope', token: () => partner({ scope: { 'assent:name': true } }) },
    { name: 'for no purpose', token: () => partner({ purpose: undefined }) },
    { name: 'for an unknown purpose', token: () => partner({ purpose: 'curiosity' }) },
    { name: 'for two purposes in one claim', token: () => partner({ purpose: ['targeted-offers', 'offer-prefill'] }) },
    { name: 'for two purposes in two claims', token: () => partner({ scope: 'assent:name purpose:offer-prefill' }) },
    {
      name: 'for another purpose than that of the file',
      token: () => partner({ client_id: 'bound', purpose: 'offer-prefill' }),
    },
    {
      name: 'with details that are not understood',
      token: () => partner({ authorization_details: [{ type: 'assent', purpose: 'targeted-offers', until: 'noon' }] }),
    },
    { name: 'with details of no form', token: () => partner({ authorization_details: 'assent' }) },
    {
      name: 'with details that are nothing',
      token: () => partner({ authorization_details: [null, { type: 'assent' }] }),
    },
    // times and ids
    { name: 'that has expired', token: () => partner({ iat: now() - 60, exp: now() - 1 }) },
    { name: 'without an end', token: () => partner({ exp: undefined }) },
    { name: 'without a beginning', token: () => partner({ iat: undefined }) },
    { name: 'issued further ahead than the file allows', token: () => partner({ iat: now() + 8 }) },
    { name: 'that counts further ahead than the file allows', token: () => partner({ nbf: now() + 8 }) },
    { name: 'without an id, where none stands for it', token: () => member({ jti: undefined }) },
    { name: 'of a person with a number as id', token: () => member({ sub: 1 }) },
    // binding
    { name: 'that is bound to a certificate', token: () => partner({ cnf: { 'x5t#S256': 'x' } }) },
    { name: 'that is bound to a key and a certificate', token: () => partner({ cnf: { jkt: 'x', 'x5t#S256': 'x' } }) },
    { name: 'that is bound to nothing', token: () => partner({ cnf: {} }) },
  ])('$name', async ({ token }) => {
    const given = token();
    const { response, text } = await ask(given);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", resource_metadata="/);
    for (const part of [CANARY, ...given.split('.')].filter((part) => part.length > 8))
      expect(text).not.toContain(part);
  });

  test('that was revoked by the digest which stands for its id', async () => {
    const token = partner({ jti: undefined, sub: 'svc-2' });
    expect((await ask(token)).status).toBe(200);
    const digest = await crypto.subtle.digest(
      'SHA-256',
      new TextEncoder().encode(token.slice(0, token.lastIndexOf('.'))),
    );
    await createRevokedTokens(world.store).revoke(Buffer.from(digest).toString('base64url'), new Date());
    expect((await ask(token)).status).toBe(401);
  });
});

describe('the contract is the limit for any token', () => {
  test('a scope shows the categories that the purpose may show, and no more', async () => {
    const all = 'assent:name assent:email assent:gender assent:photos assent:payment-card';
    const { data, errors } = await ask(partner({ scope: all }), '{ users { edges { node { name photos { id } } } } }');
    expect(data).toEqual({ users: { edges: [{ node: { name: 'Nia Ko', photos: null } }] } });
    expect(reasonsOf({ errors: errors ?? [] })).toEqual(['NO_CLAUSE']);
  });

  test('a purpose that the contract lacks shows nothing', async () => {
    const answer = await ask(partner({ purpose: 'offer-prefill' }), NAMES);
    expect([answer.data, reasonsOf({ errors: answer.errors ?? [] })]).toEqual([{ users: null }, ['WRONG_PURPOSE']]);
  });

  test('bare words of OpenID open nothing', async () => {
    const answer = await ask(partner({ scope: 'openid email name profile' }), NAMES);
    expect([answer.data, reasonsOf({ errors: answer.errors ?? [] })]).toEqual([{ users: null }, ['MISSING_SCOPE']]);
  });

  test('of several scope claims the first that is there counts, even where it says less', async () => {
    const { data } = await ask(partner({ scope: 'assent:name', scp: ['assent:email'] }), NAMES);
    expect(data).toEqual({ users: { edges: [{ node: { name: 'Nia Ko', email: null, gender: null } }] } });
    const answer = await ask(partner({ scope: '', scp: ['assent:email'] }), NAMES);
    expect(reasonsOf({ errors: answer.errors ?? [] })).toEqual(['MISSING_SCOPE']);
  });
});
