import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from 'jose';
import { SIGNING_ALGORITHM } from '../base/algorithms.ts';
import { openLocalSecret } from '../store/local-secret.ts';
import { publicHalf } from '../store/signing-keys.ts';

/** The claims about the holder of a token, on top of the claims of every token. */
export type CallerClaims =
  | { readonly kind: 'member'; readonly sub: string }
  | { readonly kind: 'partner'; readonly sub: string; readonly purpose: string; readonly scope: string }
  | { readonly kind: 'staff'; readonly sub: string; readonly role: string; readonly purpose: string };

export interface Signer {
  /** The public half, for checking tokens. */
  readonly jwks: JSONWebKeySet;
  /** Signs an access token (RFC 9068) that ends at `expiresAt`. */
  readonly sign: (claims: CallerClaims, issuedAt: Date, expiresAt: Date) => Promise<string>;
}

const seconds = (instant: Date) => Math.floor(instant.getTime() / 1000);

/** The gateway's own key, kept in the data directory: for development, and for tests from outside. */
export async function openSigner(
  dataDir: string,
  { issuer, audience }: { readonly issuer: string; readonly audience: string },
): Promise<Signer> {
  const text = await openLocalSecret(dataDir, 'signing-key.jwk', async () => {
    const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { crv: 'Ed25519', extractable: true });
    return JSON.stringify(await exportJWK(privateKey));
  });
  const jwk = JSON.parse(text) as JWK;
  const kid = await calculateJwkThumbprint(jwk);
  const key = await importJWK(jwk, SIGNING_ALGORITHM);
  return {
    jwks: { keys: [publicHalf({ ...jwk, kid })] },
    sign: ({ sub, ...claims }, issuedAt, expiresAt) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: 'at+jwt', kid })
        .setSubject(sub)
        .setIssuer(issuer)
        .setAudience(audience)
        .setJti(crypto.randomUUID())
        .setIssuedAt(seconds(issuedAt))
        .setExpirationTime(seconds(expiresAt))
        .sign(key),
  };
}
