import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { CompactEncrypt, createLocalJWKSet, exportJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRevokedTokens } from '../../src/store/mongo/repositories/revoked-tokens.ts';
import { AUTH, createWorld, type TestWorld } from '../support/world.ts';

/** Stands in every token, and in no answer. */
const CANARY = 'canary4711';

const ed25519 = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const next = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');

let world: TestWorld;
beforeAll(async () => {
  const published = [
    { ...(await exportJWK(ed25519.publicKey)), kid: 'one', alg: 'EdDSA', use: 'sig' },
    { ...(await exportJWK(rsa.publicKey)), kid: 'two', alg: 'RS256', use: 'sig' },
    { ...(await exportJWK(next.publicKey)), kid: 'three', alg: 'EdDSA', use: 'sig' },
  ];
  const contract = { purposes: ['service-notice'] };
  world = await createWorld(
    {
      users: [{ id: 'u1', avatarName: 'Neko' }],
      partners: [
        { clientId: 'mail', name: 'Mail', kind: 'EMAIL_PROVIDER', jurisdiction: 'US', contract },
        { clientId: 'gone', name: 'Gone', kind: 'EMAIL_PROVIDER', jurisdiction: 'US', status: 'SUSPENDED' },
      ],
    },
    { provider: { keys: createLocalJWKSet({ keys: published }), algorithms: ['EdDSA', 'RS256'] } },
  );
  await createRevokedTokens(world.store).revoke(`${CANARY}-revoked`, new Date());
});
afterAll(() => world.close());

const now = () => Math.floor(Date.now() / 1000);
const encoded = (part: unknown) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

type Claims = Readonly<Record<string, unknown>>;

const HEADER = { alg: 'EdDSA', typ: 'at+jwt', kid: 'one' };
const memberClaims = (): Claims => ({
  iss: AUTH.issuer,
  aud: AUTH.audience,
  sub: 'u1',
  jti: CANARY,
  iat: now(),
  exp: now() + 600,
  kind: 'member',
});
const partnerClaims = (): Claims => ({
  ...memberClaims(),
  kind: 'partner',
  sub: 'mail',
  purpose: 'service-notice',
  scope: 'name email',
});
const staffClaims = (): Claims => ({ ...memberClaims(), kind: 'staff', role: 'support', purpose: 'customer-support' });

/** Signs any claims, well-formed or not. */
function signed(
  claims: Claims | string,
  header: object | string = HEADER,
  key: KeyObject = ed25519.privateKey,
): string {
  const content = `${encoded(header)}.${encoded(claims)}`;
  const hash = key.asymmetricKeyType === 'rsa' ? 'sha256' : null;
  return `${content}.${sign(hash, Buffer.from(content), key).toString('base64url')}`;
}

const without = (claims: Claims, name: string) =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
const member = (claims: Claims = {}) => signed({ ...memberClaims(), ...claims });
const partner = (claims: Claims = {}) => signed({ ...partnerClaims(), ...claims });
const staff = (claims: Claims = {}) => signed({ ...staffClaims(), ...claims });

/** Signed as if the public key were a shared secret. */
const hmac = (secret: string | Buffer) => {
  const content = `${encoded({ ...HEADER, alg: 'HS256' })}.${encoded(memberClaims())}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
};

const encrypted = () =>
  new CompactEncrypt(new TextEncoder().encode(member()))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'at+jwt', kid: 'two' })
    .encrypt(rsa.publicKey);

const ask = async (authorization: string) => {
  const response = await world.post({ query: '{ __typename }' }, { authorization });
  return { response, text: await response.text() };
};

describe('a token is accepted', () => {
  const table: { name: string; authorization: () => string }[] = [
    { name: 'that is not there: an empty header is a visitor’s', authorization: () => '' },
    { name: 'of a member', authorization: () => `Bearer ${member()}` },
    { name: 'of a partner', authorization: () => `Bearer ${partner()}` },
    { name: 'of a partner with an empty scope', authorization: () => `Bearer ${partner({ scope: '' })}` },
    { name: 'of staff', authorization: () => `Bearer ${staff()}` },
    { name: 'of a member without a record', authorization: () => `Bearer ${member({ sub: 'auth0|59f0' })}` },
    { name: 'with its scheme in small letters', authorization: () => `bearer ${member()}` },
    { name: 'after two spaces', authorization: () => `Bearer  ${member()}` },
    { name: 'for several audiences', authorization: () => `Bearer ${member({ aud: ['other', AUTH.audience] })}` },
    {
      name: 'that says more than it must',
      authorization: () => `Bearer ${member({ client_id: 'app', auth_time: 1 })}`,
    },
    { name: 'issued 10 s ahead of us', authorization: () => `Bearer ${member({ iat: now() + 10 })}` },
    { name: 'that counts in 10 s', authorization: () => `Bearer ${member({ nbf: now() + 10 })}` },
    {
      name: 'issued and counting 10 s ahead of us',
      authorization: () => `Bearer ${member({ iat: now() + 10, nbf: now() + 10, exp: now() + 15 })}`,
    },
    { name: 'that is a day old', authorization: () => `Bearer ${member({ iat: now() - 86_390 })}` },
    { name: 'that counts since a minute', authorization: () => `Bearer ${member({ nbf: now() - 60 })}` },
    {
      name: 'by the other key',
      authorization: () => `Bearer ${signed(memberClaims(), { ...HEADER, alg: 'RS256', kid: 'two' }, rsa.privateKey)}`,
    },
    {
      name: 'that names no key, by the first of two that fit',
      authorization: () => `Bearer ${signed(memberClaims(), { alg: 'EdDSA', typ: 'at+jwt' })}`,
    },
    {
      name: 'that names no key, by the second of two that fit',
      authorization: () => `Bearer ${signed(memberClaims(), { alg: 'EdDSA', typ: 'at+jwt' }, next.privateKey)}`,
    },
    {
      name: 'with its type in full',
      authorization: () => `Bearer ${signed(memberClaims(), { ...HEADER, typ: 'application/at+jwt' })}`,
    },
  ];
  test.each(table)('$name', async ({ authorization }) => {
    const { response, text } = await ask(authorization());
    expect([response.status, text]).toEqual([200, '{"data":{"__typename":"Query"}}']);
  });
});

describe('a token is refused', () => {
  const twice = (claim: string) => JSON.stringify(memberClaims()).replace('{', `{${claim},`);
  const table: { name: string; token: () => string | Promise<string> }[] = [
    // how it is signed
    { name: 'unsigned', token: () => `${encoded({ ...HEADER, alg: 'none' })}.${encoded(memberClaims())}.` },
    {
      name: 'unsigned, in other letters',
      token: () => `${encoded({ ...HEADER, alg: 'nOnE' })}.${encoded(memberClaims())}.`,
    },
    { name: 'unsigned, with a signature', token: () => signed(memberClaims(), { ...HEADER, alg: 'none' }) },
    {
      name: 'with the public key as a secret, as PEM',
      token: () => hmac(ed25519.publicKey.export({ type: 'spki', format: 'pem' })),
    },
    {
      name: 'with the public key as a secret, as DER',
      token: () => hmac(ed25519.publicKey.export({ type: 'spki', format: 'der' })),
    },
    {
      name: 'with the public key as a secret, as JWK',
      token: () => hmac(JSON.stringify(ed25519.publicKey.export({ format: 'jwk' }))),
    },
    {
      name: 'that names no key, by none of those that fit',
      token: () => signed(memberClaims(), { alg: 'EdDSA', typ: 'at+jwt' }, stranger.privateKey),
    },
    { name: 'by a key that is not known', token: () => signed(memberClaims(), HEADER, stranger.privateKey) },
    {
      name: 'by a key that is not known, which says so',
      token: () => signed(memberClaims(), { ...HEADER, kid: 'three' }),
    },
    { name: 'by one key in the name of another', token: () => signed(memberClaims(), { ...HEADER, kid: 'two' }) },
    {
      name: 'with an algorithm that the key is not for',
      token: () => signed(memberClaims(), { ...HEADER, alg: 'PS256', kid: 'two' }, rsa.privateKey),
    },
    {
      name: 'by a key that it brings along',
      token: () =>
        signed(
          memberClaims(),
          { alg: 'EdDSA', typ: 'at+jwt', jwk: stranger.publicKey.export({ format: 'jwk' }) },
          stranger.privateKey,
        ),
    },
    {
      name: 'by a key that it says where to find',
      token: () => signed(memberClaims(), { ...HEADER, jku: 'https://evil.example/jwks' }, stranger.privateKey),
    },
    {
      name: 'by a certificate that it brings along',
      token: () =>
        signed(memberClaims(), { ...HEADER, x5c: ['MIIB'], x5u: 'https://evil.example/x' }, stranger.privateKey),
    },
    {
      name: 'by a key id that is a path',
      token: () => signed(memberClaims(), { ...HEADER, kid: '../../../dev/null' }, stranger.privateKey),
    },
    {
      name: 'with an extension that must be understood',
      token: () => signed(memberClaims(), { ...HEADER, crit: ['exp'], exp: now() + 600 }),
    },
    { name: 'with an empty list of such extensions', token: () => signed(memberClaims(), { ...HEADER, crit: [] }) },
    {
      name: 'with its content as it is',
      token: () => signed(memberClaims(), { ...HEADER, crit: ['b64'], b64: false }),
    },
    {
      name: 'with another content than was signed',
      token: () =>
        [member().split('.')[0], encoded({ ...memberClaims(), sub: 'u2' }), member().split('.')[2]].join('.'),
    },
    {
      name: 'with the header of another',
      token: () => [encoded({ ...HEADER, kid: 'one', x: 1 }), ...member().split('.').slice(1)].join('.'),
    },
    // its shape
    { name: 'without its signature', token: () => member().split('.').slice(0, 2).join('.') },
    { name: 'with an empty signature', token: () => `${member().split('.').slice(0, 2).join('.')}.` },
    { name: 'with half a signature', token: () => member().slice(0, -40) },
    { name: 'with a part too many', token: () => `${member()}.${encoded('{}')}` },
    { name: 'encrypted', token: encrypted },
    { name: 'within a token', token: () => signed(JSON.stringify(member())) },
    { name: 'that holds a list', token: () => signed(JSON.stringify([memberClaims()])) },
    { name: 'that holds no JSON', token: () => signed(`{${CANARY}`) },
    { name: 'that is one long word', token: () => 'a'.repeat(7_000) },
    { name: 'that is longer than any token', token: () => member({ padding: 'x'.repeat(20_000) }) },
    { name: 'with a space in it', token: () => member().replace('.', '. ') },
    { name: 'after another one', token: () => `${member()}, Bearer ${member()}` },
    { name: 'that is nothing', token: () => '' },
    // its type and times
    { name: 'of a type that is no text', token: () => signed(memberClaims(), { ...HEADER, typ: 1 }) },
    { name: 'of another type', token: () => signed(memberClaims(), { ...HEADER, typ: 'JWT' }) },
    { name: 'of no type', token: () => signed(memberClaims(), { alg: 'EdDSA', kid: 'one' }) },
    { name: 'for signing in', token: () => signed(memberClaims(), { ...HEADER, typ: 'id_token+jwt' }) },
    { name: 'that has expired', token: () => member({ exp: now() - 1 }) },
    { name: 'that expires this moment', token: () => member({ iat: now() - 60, exp: now() }) },
    { name: 'issued more than 10 s ahead of us', token: () => member({ iat: now() + 12 }) },
    { name: 'that counts in more than 10 s', token: () => member({ nbf: now() + 12 }) },
    { name: 'that has expired, issued ahead of us', token: () => member({ iat: now() + 5, exp: now() }) },
    { name: 'that does not count yet', token: () => member({ nbf: now() + 60 }) },
    { name: 'from the future', token: () => member({ iat: now() + 60 }) },
    { name: 'that is older than a day', token: () => member({ iat: now() - 86_401 }) },
    { name: 'with a text as its end', token: () => member({ exp: String(now() + 600) }) },
    {
      name: 'without an end in sight',
      token: () => signed(JSON.stringify(memberClaims()).replace(/"exp":\d+/, '"exp":1e999')),
    },
    { name: 'with a text as its beginning', token: () => member({ nbf: 'now' }) },
    { name: 'with a date as its age', token: () => member({ iat: new Date().toISOString() }) },
    // issuer, audience and subject
    ...['iss', 'aud', 'sub', 'jti', 'iat', 'exp', 'kind'].map((claim) => ({
      name: `without ${claim}`,
      token: () => signed(without(memberClaims(), claim)),
    })),
    { name: 'of another issuer', token: () => member({ iss: `${AUTH.issuer}/` }) },
    { name: 'of several issuers', token: () => member({ iss: [AUTH.issuer] }) },
    { name: 'for another audience', token: () => member({ aud: 'other' }) },
    { name: 'for a longer audience', token: () => member({ aud: `${AUTH.audience} other` }) },
    { name: 'of nobody', token: () => member({ sub: '' }) },
    { name: 'of a number', token: () => member({ sub: 4711 }) },
    { name: 'of an expression', token: () => member({ sub: { $ne: null } }) },
    { name: 'of several people', token: () => member({ sub: ['u1', 'u2'] }) },
    { name: 'of a name with an invisible letter', token: () => member({ sub: 'u1\u200b' }) },
    { name: 'of a name in letters that look alike', token: () => member({ sub: 'ｕ1' }) },
    { name: 'of a name with an end in the middle', token: () => member({ sub: 'u1\u0000' }) },
    { name: 'of a name without end', token: () => member({ sub: 'u'.repeat(256) }) },
    { name: 'with two people as the subject', token: () => signed(twice('"sub":"u2"')) },
    { name: 'with two subjects, one of them escaped', token: () => signed(twice('"\\u0073ub":"u2"')) },
    { name: 'of two kinds', token: () => signed(twice('"kind":"staff"')) },
    { name: 'with a number as its id', token: () => member({ jti: 4711 }) },
    { name: 'that was revoked', token: () => member({ jti: `${CANARY}-revoked` }) },
    // use
    { name: 'of an unknown kind', token: () => member({ kind: 'root' }) },
    { name: 'of a kind in capitals', token: () => member({ kind: 'MEMBER' }) },
    { name: 'of a kind that every object has', token: () => member({ kind: 'constructor' }) },
    { name: 'of an unknown role', token: () => staff({ role: 'admin' }) },
    { name: 'of no role', token: () => signed(without(staffClaims(), 'role')) },
    { name: 'of staff without a purpose', token: () => signed(without(staffClaims(), 'purpose')) },
    { name: 'for an unknown purpose', token: () => partner({ purpose: 'curiosity' }) },
    { name: 'for a purpose of the company’s own use', token: () => partner({ purpose: 'registration' }) },
    { name: 'for no purpose', token: () => signed(without(partnerClaims(), 'purpose')) },
    { name: 'for two purposes', token: () => partner({ purpose: 'service-notice imvu-newsletter' }) },
    { name: 'for a list of purposes', token: () => partner({ purpose: ['service-notice'] }) },
    { name: 'without a scope', token: () => signed(without(partnerClaims(), 'scope')) },
    { name: 'with an unknown word in its scope', token: () => partner({ scope: 'name everything' }) },
    { name: 'with a scope in capitals', token: () => partner({ scope: 'NAME' }) },
    { name: 'with a scope that every object has', token: () => partner({ scope: 'constructor' }) },
    { name: 'with a list for a scope', token: () => partner({ scope: ['name'] }) },
    { name: 'of a partner that is not on record', token: () => partner({ sub: 'nobody' }) },
    { name: 'of a partner that is suspended', token: () => partner({ sub: 'gone' }) },
  ];

  test.each(table)('$name', async ({ token }) => {
    const given = await token();
    const { response, text } = await ask(`Bearer ${given}`);
    const { data, errors } = JSON.parse(text);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer error="invalid_token", resource_metadata="http://gateway.test/.well-known/oauth-protected-resource/graphql"',
    );
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect([data, errors.length, errors[0].extensions]).toEqual([undefined, 1, { code: 'UNAUTHENTICATED' }]);
    expect(text).not.toContain('4711');
    for (const part of given.split('.').filter((part) => part.length > 8)) expect(text).not.toContain(part);
  });

  test.each([
    'Basic dTE6dTE=',
    'Bearer',
    'Token abc',
    'Bearer:abc',
    'null',
  ])('and so is "%s"', async (authorization) => {
    expect((await ask(authorization)).response.status).toBe(401);
  });

  test('in the media type that the client asks for', async () => {
    const type = 'application/graphql-response+json';
    const response = await world.post({ query: '{ __typename }' }, { authorization: 'Bearer x', accept: type });
    expect(response.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
  });
});
