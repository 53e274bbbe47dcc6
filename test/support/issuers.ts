import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, type JWK } from 'jose';
import type { TokenIssuer } from '../../src/http/authenticate.ts';
import { type IssuerEntry, parseIssuers } from '../../src/http/issuers-file.ts';
import { idsOf } from '../../src/policy/vocabulary.ts';
import { referenceTable } from './policy.ts';

// Identity providers, as the pages of docs/issuers describe them.

export const PAGES = ['keycloak', 'auth0', 'okta', 'entra', 'cognito'] as const;
export type Page = (typeof PAGES)[number];

export const POLICY_WORDS = { purposes: referenceTable.callerPurposes, roles: idsOf(referenceTable.vocabulary.staff) };

/** The mapping files that a page offers to be copied. */
export async function filesOn(page: Page): Promise<readonly string[]> {
  const text = await readFile(new URL(`../../docs/issuers/${page}.md`, import.meta.url), 'utf8');
  return [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, file = '']) => file);
}

/** Every issuer of every page, read as a gateway reads it. */
export async function documentedIssuers(): Promise<readonly IssuerEntry[]> {
  const files = await Promise.all(PAGES.map(async (page) => (await filesOn(page)).map((file) => ({ page, file }))));
  return files.flat().flatMap(({ page, file }) => parseIssuers(file, `${page}.md`, POLICY_WORDS));
}

const pairs = new Map<string, { readonly privateKey: KeyObject; readonly jwk: JWK }>();

/** The key pair of an issuer, one for a whole test file. */
export function keyOf(issuer: string) {
  const made = pairs.get(issuer);
  if (made) return made;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: `key of ${issuer}`, alg: 'RS256', use: 'sig' } as JWK;
  pairs.set(issuer, { privateKey, jwk });
  return { privateKey, jwk };
}

/** The issuer, with the keys that `signedBy` signs with in the place of those at its address. */
export const issuerOf = (entry: IssuerEntry): TokenIssuer => ({
  ...entry,
  keys: createLocalJWKSet({ keys: [keyOf(entry.issuer).jwk] }),
  algorithms: ['RS256'],
  mapping: entry,
});

export type Part = Readonly<Record<string, unknown>>;

const encoded = (part: Part) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Signs any token as an issuer does. */
export function signedBy(issuer: string, header: Part, claims: Part): string {
  const { privateKey, jwk } = keyOf(issuer);
  const content = `${encoded({ alg: 'RS256', kid: jwk.kid, ...header })}.${encoded(claims)}`;
  return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`;
}

/** The times of a token that was issued just now. */
export const justIssued = () => {
  const iat = Math.floor(Date.now() / 1_000);
  return { iat, exp: iat + 600 };
};
