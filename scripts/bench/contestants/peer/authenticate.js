import { createRemoteJWKSet, jwtVerify } from 'jose';
import { recipientOf } from '../../../../dist/features/partners/recipient.js';
import { scopeOf } from '../../../../dist/policy/vocabulary.js';

const BEARER = /^Bearer (.+)$/;

/**
 * Checks a token as jose's documentation shows, whether it is revoked, and reads the caller that it names: for every
 * request.
 */
export function createAuthenticator({
  store: { connection, read },
  table,
  people,
  partners,
  issuer,
  audience,
  jwksUrl,
}) {
  const keys = createRemoteJWKSet(new URL(jwksUrl));
  const revoked = connection.getClient().db(connection.name).collection('revoked_tokens');
  const checks = { issuer, audience, algorithms: ['EdDSA'], typ: 'at+jwt', requiredClaims: ['sub', 'jti', 'exp'] };

  const callerOf = async ({ kind, sub, role, purpose, scope, jti }) => {
    if (kind === 'member') {
      const [person] = await people.findHolders([sub]);
      if (!person) throw new Error('The person is not on record.');
      return { kind: 'MEMBER', person };
    }
    if (kind === 'staff') return { kind: 'STAFF', role, purpose, tokenId: jti };
    const partner = await partners.find(sub);
    if (partner?.status !== 'ACTIVE') throw new Error('The partner is not on record or is suspended.');
    const categories = scopeOf(table.vocabulary, scope.split(' '));
    return { kind: 'PARTNER', recipient: recipientOf(partner), purpose, scope: categories, tokenId: jti };
  };

  return async (authorization) => {
    const { payload } = await jwtVerify(BEARER.exec(authorization)[1], keys, checks);
    const [caller, revocation] = await Promise.all([callerOf(payload), revoked.findOne({ _id: payload.jti }, read)]);
    if (revocation) throw new Error('The token is revoked.');
    return caller;
  };
}
