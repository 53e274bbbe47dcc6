import { createPrivateKey, generateKeyPairSync, type JsonWebKey, randomUUID, sign } from 'node:crypto';
import type { Part } from './issuers.ts';
import type { TestWorld } from './world.ts';

// Partners that ask the gateway for tokens.

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const encoded = (part: Part) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A key pair on P-256. */
export function createClientKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secret = privateKey.export({ format: 'jwk' }) as JsonWebKey;
  return { jwk: publicKey.export({ format: 'jwk' }) as JsonWebKey, secret, privateKey };
}
export type ClientKey = ReturnType<typeof createClientKey>;

/** Signs any header and claims with ES256. */
export function signedWith({ secret }: Pick<ClientKey, 'secret'>, header: Part, claims: Part): string {
  const content = `${encoded({ alg: 'ES256', ...header })}.${encoded(claims)}`;
  const key = createPrivateKey({ key: secret, format: 'jwk' });
  return `${content}.${sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** The seconds of a clock. */
export const secondsOf = (now: Date) => Math.floor(now.getTime() / 1_000);

/** The claims of a client's assertion, for the issuer as its audience. */
export const assertionClaims = (clientId: string, audience: string, now: Date): Part => ({
  ...{ iss: clientId, sub: clientId, aud: audience, jti: randomUUID() },
  ...{ iat: secondsOf(now), exp: secondsOf(now) + 60 },
});

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the form of an answer follows from its request
  readonly body: any;
}

/** Sends a form to a gateway; the parts of a list may name a parameter twice. */
export async function sendForm(
  { gateway }: Pick<TestWorld, 'gateway'>,
  address: string,
  form: Readonly<Record<string, string>> | string[][],
  headers: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const body = new URLSearchParams(form as Record<string, string>);
  const response = await gateway.fetch(new Request(address, { method: 'POST', body, headers }));
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}
