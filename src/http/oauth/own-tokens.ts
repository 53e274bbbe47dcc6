import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, errors, importJWK, type JSONWebKeySet, type JWK, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { MINUTE } from '../../base/durations.ts';
import { shareReads } from '../../store/shared-reads.ts';
import type { SigningKey } from '../../store/signing-keys.ts';
import { plainIssuer } from '../authenticate.ts';
import { SIGNING_ALGORITHM } from '../signing.ts';
import { type Access, scopeOfAccess } from './asked-access.ts';

/** The life of a token, in seconds. */
export const LIFETIME = 15 * 60;
/** The time for which a key that signs no more stays, in milliseconds: until its last token has ended. */
export const RETIRED_KEPT = LIFETIME * 1_000 + MINUTE;

/** The claims of a token of ours. */
const OwnClaims = z.object({
  ...{ iss: z.string(), aud: z.string(), sub: z.string(), client_id: z.string(), jti: z.string() },
  ...{ iat: z.number(), exp: z.number(), purpose: z.string(), scope: z.string() },
  cnf: z.object({ jkt: z.string() }).optional(),
});
export type OwnClaims = z.output<typeof OwnClaims>;

export interface Issued {
  readonly clientId: string;
  readonly access: Access;
  /** The thumbprint of the key that the token is bound to; null for a token that is bound to none. */
  readonly jkt: string | null;
}

export interface OwnTokensOptions {
  /** The issuer of the tokens, and their audience: the same gateways sign and take them. */
  readonly issuer: string;
  readonly now: () => Date;
  /** The keys as they are now, the one that signs first. */
  readonly readKeys: () => Promise<readonly SigningKey[]>;
}

const publicHalf = ({ jwk: { d: _private, ...rest } }: SigningKey): JWK => ({
  ...(rest as JWK),
  ...{ alg: SIGNING_ALGORITHM, use: 'sig' },
});

export type OwnTokens = ReturnType<typeof createOwnTokens>;

/** The words of the scope that a token was given for. */
export const grantedScope = ({ purpose, scope }: OwnClaims): string =>
  scopeOfAccess({ purpose, categories: scope.split(' ').filter((word) => word !== '') });

/** The access tokens that the gateways on a database sign for partners (RFC 9068). */
export function createOwnTokens({ issuer, now, readKeys }: OwnTokensOptions) {
  // anew for each use, so that a key which another process has put there signs and counts at once
  const share = shareReads<'keys', readonly SigningKey[]>(async (asked) => {
    const keys = await readKeys();
    return asked.map(() => keys);
  });
  const keysNow = async (): Promise<readonly SigningKey[]> => {
    const [keys = []] = await share(['keys']);
    const at = now().getTime();
    return keys.filter(({ retiredAt }) => retiredAt === null || at < retiredAt + RETIRED_KEPT);
  };

  const jwks = async (): Promise<JSONWebKeySet> => ({ keys: (await keysNow()).map(publicHalf) });

  const asIssuer = plainIssuer({
    ...{ issuer, audience: issuer, algorithms: [SIGNING_ALGORITHM] },
    keys: async (header, token) => createLocalJWKSet(await jwks())(header, token),
  });

  return {
    /** The issuer of these tokens, for the check of tokens that are shown. */
    asIssuer,
    /** The public halves of the keys whose tokens can be good. */
    jwks,

    async sign({ clientId, access: { purpose, categories }, jkt }: Issued): Promise<string> {
      const [signing] = await keysNow();
      if (!signing) throw new Error('There is no key that signs.');
      const { jwk } = signing;
      const iat = Math.floor(now().getTime() / 1_000);
      const claims = { kind: 'partner', client_id: clientId, purpose, scope: categories.join(' ') };
      return new SignJWT({ ...claims, ...(jkt !== null && { cnf: { jkt } }) })
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: 'at+jwt', kid: jwk.kid as string })
        .setIssuer(issuer)
        .setAudience(issuer)
        .setSubject(clientId)
        .setJti(randomUUID())
        .setIssuedAt(iat)
        .setExpirationTime(iat + LIFETIME)
        .sign(await importJWK(jwk, SIGNING_ALGORITHM));
    },

    /** The claims of a token that these gateways have signed and that has not ended; null for any other text. */
    async read(token: string): Promise<OwnClaims | null> {
      try {
        const { payload } = await jwtVerify(token, asIssuer.keys, {
          ...{ issuer, audience: issuer, typ: 'at+jwt' },
          algorithms: [SIGNING_ALGORITHM],
          currentDate: now(),
        });
        return OwnClaims.parse(payload);
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}
