import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { SIGNING_ALGORITHM } from '../../base/algorithms.ts';
import { MINUTE } from '../../base/durations.ts';
import { publicHalf, type SigningKeys } from '../../store/signing-keys.ts';
import { plainIssuer } from '../authenticate.ts';
import { type Access, scopeOfAccess } from './asked-access.ts';

/** The life of a token, in seconds. */
export const LIFETIME = 15 * 60;
/** The time for which the tokens of a key that signs no more count, in milliseconds: until the last has ended. */
export const RETIRED_COUNTS = LIFETIME * 1_000 + MINUTE;

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
  readonly signingKeys: Pick<SigningKeys, 'read' | 'sign'>;
}

export type OwnTokens = ReturnType<typeof createOwnTokens>;

/** The words of the scope that a token was given for. */
export const grantedScope = ({ purpose, scope }: OwnClaims): string =>
  scopeOfAccess({ purpose, categories: scope.split(' ').filter((word) => word !== '') });

/** The access tokens that the gateways on a database sign for partners (RFC 9068). */
export function createOwnTokens({ issuer, now, signingKeys }: OwnTokensOptions) {
  const keySet = async () => {
    const at = now().getTime();
    const counting = (await signingKeys.read()).filter(
      ({ retiredAt }) => retiredAt === null || at < retiredAt + RETIRED_COUNTS,
    );
    return createLocalJWKSet({ keys: counting.map(({ jwk }) => publicHalf(jwk)) });
  };

  const asIssuer = plainIssuer({
    ...{ issuer, audience: issuer, algorithms: [SIGNING_ALGORITHM] },
    keys: async (header, token) => (await keySet())(header, token),
  });

  return {
    /** The issuer of these tokens, for the check of tokens that are shown. */
    asIssuer,

    sign({ clientId, access: { purpose, categories }, jkt }: Issued): Promise<string> {
      const iat = Math.floor(now().getTime() / 1_000);
      const claims = {
        ...{ iss: issuer, aud: issuer, sub: clientId, jti: randomUUID(), iat, exp: iat + LIFETIME },
        ...{ kind: 'partner', client_id: clientId, purpose, scope: categories.join(' ') },
        ...(jkt !== null && { cnf: { jkt } }),
      };
      return signingKeys.sign(claims, 'at+jwt');
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
