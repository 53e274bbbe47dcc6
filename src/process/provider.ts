import { createLocalJWKSet } from 'jose';
import { openRemoteKeys } from '../http/remote-keys.ts';
import { openSigner, SIGNING_ALGORITHM } from '../http/signing.ts';
import type { Config } from './config.ts';

/** Algorithms that tokens of an identity provider may be signed with: asymmetric ones alone. */
const PROVIDER_ALGORITHMS = ['EdDSA', 'ES256', 'ES384', 'PS256', 'PS384', 'RS256'];

/** The tokens that count: those of an identity provider where the configuration names one, else the gateway's own. */
export async function openProvider({ auth: { issuer, audience, jwksUrl }, dataDir }: Config) {
  const common = { issuer, audience };
  if (jwksUrl !== undefined) {
    const keys = openRemoteKeys(jwksUrl);
    return { signer: null, auth: { ...common, keys, algorithms: PROVIDER_ALGORITHMS, jwks: null } };
  }
  const signer = await openSigner(dataDir, common);
  const keys = createLocalJWKSet(signer.jwks);
  return { signer, auth: { ...common, keys, algorithms: [SIGNING_ALGORITHM], jwks: signer.jwks } };
}
