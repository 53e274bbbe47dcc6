import { readFile } from 'node:fs/promises';
import { createLocalJWKSet } from 'jose';
import { PROVIDER_ALGORITHMS, SIGNING_ALGORITHM } from '../base/algorithms.ts';
import type { Authentication } from '../gateway/identification.ts';
import { plainIssuer, type TokenIssuer } from '../http/authenticate.ts';
import { type IssuerEntry, IssuersError, type PolicyWords, parseIssuers } from '../http/issuers-file.ts';
import { openRemoteKeys } from '../http/remote-keys.ts';
import { openSigner, type Signer } from '../http/signing.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { idsOf } from '../policy/vocabulary.ts';
import type { Config } from './config.ts';

interface Provider {
  /** Null where others sign. */
  readonly signer: Signer | null;
  readonly auth: Authentication;
}

const issuerOf = (entry: IssuerEntry): TokenIssuer => ({
  ...entry,
  keys: openRemoteKeys(entry.jwks),
  algorithms: PROVIDER_ALGORITHMS,
  mapping: entry,
});

/** @throws {IssuersError} for a file that can't be read, or has faults */
async function readIssuers(file: string, words: PolicyWords): Promise<readonly IssuerEntry[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new IssuersError(`${file}: expected a file of issuers that can be read`);
  });
  return parseIssuers(text, file, words);
}

/**
 * The tokens that count: those of identity providers where the configuration names some, else the gateway's own.
 *
 * @param table the policy that has the words of a file of issuers
 * @throws {IssuersError} naming every fault of that file
 */
export async function openProvider(
  { auth: { issuersFile, issuer, audience, jwksUrl, ownIssuer }, dataDir }: Config,
  { callerPurposes: purposes, vocabulary }: DecisionTable,
): Promise<Provider> {
  if (issuersFile !== undefined) {
    const entries = await readIssuers(issuersFile, { purposes, roles: idsOf(vocabulary.staff) });
    if (entries.some((entry) => entry.issuer === ownIssuer))
      throw new IssuersError(
        `${issuersFile}: expected no issuer with the address of PUBLIC_URL, where TOKEN_ENDPOINT is on`,
      );
    return { signer: null, auth: { issuers: entries.map(issuerOf), jwks: null } };
  }
  const common = { issuer, audience };
  if (jwksUrl !== undefined) {
    const provider = { ...common, keys: openRemoteKeys(jwksUrl), algorithms: PROVIDER_ALGORITHMS };
    return { signer: null, auth: { issuers: [plainIssuer(provider)], jwks: null } };
  }
  const signer = await openSigner(dataDir, common);
  const own = { ...common, keys: createLocalJWKSet(signer.jwks), algorithms: [SIGNING_ALGORITHM] };
  return { signer, auth: { issuers: [plainIssuer(own)], jwks: signer.jwks } };
}
