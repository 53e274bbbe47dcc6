import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { outboundUrlOf, type Reach } from '../../base/public-address.ts';
import { isRecord } from '../../base/records.ts';
import type { PublicKey } from '../../store/mongo/repositories/partners.ts';

/** The keys of a partner; or the place of a fault in them, and the form that was expected there. */
export type ReadKeys =
  | { readonly keys: readonly PublicKey[] }
  | { readonly path: readonly (string | number)[]; readonly expected: string };

/** The form of the address of a key set. */
export const KEY_ADDRESS =
  'a public https address of at most 2048 characters, with port 443 or 1024 and more, without user name or password';

/** The address of a key set as it is asked; null for a text of another form. */
export const keyAddressOf = (text: string, reach: Reach): string | null =>
  text.length <= 2_048 ? (outboundUrlOf(text, reach)?.href ?? null) : null;

/** The most keys of one partner: several programs, each with a key that is coming and one that is going. */
const MOST_KEYS = 10;
/** The sizes of RSA keys in bits: shorter keys can be broken, longer keys take long to check. */
const RSA_BITS = { least: 2_048, most: 8_192 };

/** The members of a private or a shared key (RFC 7518, 6). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const RSA_ALGORITHMS = ['PS256', 'PS384', 'RS256'];

/** The kinds of key that can sign here: the members that make up each, and the algorithms that it is for. */
export const KEY_KINDS = [
  { kty: 'OKP', crv: 'Ed25519', members: ['crv', 'x'], algorithms: ['Ed25519', 'EdDSA'] },
  { kty: 'EC', crv: 'P-256', members: ['crv', 'x', 'y'], algorithms: ['ES256'] },
  { kty: 'EC', crv: 'P-384', members: ['crv', 'x', 'y'], algorithms: ['ES384'] },
  { kty: 'RSA', crv: undefined, members: ['n', 'e'], algorithms: RSA_ALGORITHMS },
] as const;

const isSound = (jwk: PublicKey): boolean => {
  try {
    const bits =
      createPublicKey({ key: jwk as object as JsonWebKey, format: 'jwk' }).asymmetricKeyDetails?.modulusLength ??
      RSA_BITS.least;
    return RSA_BITS.least <= bits && bits <= RSA_BITS.most;
  } catch {
    return false;
  }
};

/** The public members of a key; or, for a bad key, the form that was expected. */
function readKey(jwk: unknown): PublicKey | string {
  if (!isRecord(jwk)) return 'a public key as a JSON Web Key';
  if (SECRET_MEMBERS.some((member) => Object.hasOwn(jwk, member)))
    return 'a public key alone; its private half is known to others by now, so that another key is needed';
  const kind = KEY_KINDS.find(({ kty, crv }) => kty === jwk.kty && crv === jwk.crv);
  if (!kind) return 'a key of Ed25519, P-256, P-384 or RSA';
  const { kid, alg, use } = jwk;
  if (use !== undefined && use !== 'sig') return 'a key for signatures: `use` is `sig`, or left out';
  if (kid !== undefined && !(typeof kid === 'string' && kid !== '' && kid.length <= 255))
    return 'a `kid` of 1 to 255 characters, or none';
  if (alg !== undefined && !kind.algorithms.some((known) => known === alg))
    return `\`alg\` as one of ${kind.algorithms.join(', ')}, or none`;
  const members = ['kty', ...kind.members, 'kid', 'alg'].filter((member) => jwk[member] !== undefined);
  const key = Object.fromEntries(members.map((member) => [member, jwk[member]])) as object as PublicKey;
  return isSound(key) ? key : `a key that can be read, of RSA one of ${RSA_BITS.least} to ${RSA_BITS.most} bits`;
}

/**
 * Reads the public keys that a partner signs with. Members that mean nothing here are left out.
 *
 * @param value  a JSON Web Key Set
 * @see RFC 7517, 5
 */
export function readKeySet(value: unknown): ReadKeys {
  const keys = isRecord(value) ? value.keys : undefined;
  if (!Array.isArray(keys)) return { path: [], expected: 'a JSON Web Key Set: an object with a list of `keys`' };
  if (keys.length === 0 || keys.length > MOST_KEYS) return { path: ['keys'], expected: `1 to ${MOST_KEYS} keys` };
  const read = keys.map(readKey);
  const fault = read.findIndex((key) => typeof key === 'string');
  if (fault >= 0) return { path: ['keys', fault], expected: read[fault] as string };
  return { keys: read as PublicKey[] };
}
