import type { JSONWebKeySet } from 'jose';
import { REFUSED } from '../http/refusals.ts';
import { DENIAL_REASONS } from '../policy/vocabulary.ts';
import type { Config } from './config.ts';
import type { Verdict } from './token-advice.ts';

const ANSWER_MS = 2_000;

/** Addresses that stand for every one of the machine, and the one of them that a program asks. */
const ANY_HOST = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/** Asks for no person, and is refused all the same where the caller could see nothing of anyone. */
const QUESTION = '{ node(id: "Policy:-") { id } }';

/** Where a gateway with this configuration is asked from its own machine; null where its port may be any. */
export function originOf({ host, port }: Pick<Config, 'host' | 'port'>): string | null {
  if (port === 0) return null;
  const asked = ANY_HOST.get(host) ?? host;
  return `http://${asked.includes(':') ? `[${asked}]` : asked}:${port}`;
}

const isKeySet = (value: unknown): value is JSONWebKeySet =>
  Array.isArray((value as Partial<JSONWebKeySet> | null)?.keys);

/** Whether the gateway at an address takes tokens signed with a key; null where none answers that signs tokens itself. */
export async function takesKey(origin: string, kid: string): Promise<boolean | null> {
  try {
    const answer = await fetch(`${origin}/.well-known/jwks.json`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const told: unknown = answer.ok ? await answer.json() : null;
    return isKeySet(told) ? told.keys.some((key) => key.kid === kid) : null;
  } catch {
    return null;
  }
}

interface Answer {
  readonly errors?: readonly { readonly message: string; readonly extensions: { code: string; reason?: string } }[];
}

/**
 * Lets the gateway at an address try a token. It looks up nobody.
 *
 * @returns the objection to the token; null if there is none
 * @throws {Error} no gateway answers, or with something else
 */
export async function tryToken(origin: string, token: string): Promise<Verdict | null> {
  const answer = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: QUESTION }),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const [error] = ((await answer.json()) as Answer).errors ?? [];
  if (!error && answer.ok) return null;
  if (answer.status === 401 && error) return { refused: error.message.replace(REFUSED, '').replace(/\.$/, '') };
  const reason = DENIAL_REASONS.find((known) => known === error?.extensions.reason);
  if (reason) return { empty: reason };
  throw new Error(`The gateway answered with status ${answer.status}.`);
}
