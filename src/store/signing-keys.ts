import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { SIGNING_ALGORITHM } from '../base/algorithms.ts';
import type { Access } from './mongo/collections.ts';
import { createSecretRecords, type SecretRecord } from './mongo/repositories/secrets.ts';
import { sealJson } from './sealed-json.ts';
import { unwrapped } from './secrets.ts';
import { shareReads } from './shared-reads.ts';

/** A present or former signing key of the gateways on a database. */
export interface SigningKey {
  /** The key pair while it signs, afterwards the public key alone, with its thumbprint as `kid`. */
  readonly jwk: JWK;
  /** The time of its replacement, in milliseconds since the epoch; null for the current key. */
  readonly retiredAt: number | null;
}

export interface Rotation {
  readonly now: Date;
  /** Deletes keys retired from this instant on too, since others may have them; null keeps all of them. */
  readonly lostSince: Date | null;
}

/** Others changed the keys at the same time. */
export class RotationError extends Error {
  override readonly name = 'RotationError';
}

const ID = 'signing keys';

/** The public half of a key, for checks of its signatures. */
export const publicHalf = ({ d: _private, ...rest }: JWK): JWK =>
  ({ ...rest, alg: SIGNING_ALGORITHM, use: 'sig' }) as JWK;

/**
 * The published form of a key. For a retired key, `exp` is the end of its use in seconds: its earlier signatures stay
 * valid.
 *
 * @see OpenID Federation 1.0, 8.7 (historical keys)
 */
const published = ({ jwk, retiredAt }: SigningKey): JWK => ({
  ...publicHalf(jwk),
  ...(retiredAt !== null && { exp: Math.ceil(retiredAt / 1_000) }),
});

async function createKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  return { jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk) }, retiredAt: null };
}

export type SigningKeys = ReturnType<typeof createSigningKeys>;

/** The keys for tokens and receipts of all gateways on a database: stored there, sealed, so that all share them. */
export function createSigningKeys(store: Access, kek: Buffer) {
  const secrets = createSecretRecords(store);
  const seal = (keys: readonly SigningKey[]) => sealJson(kek, ID, keys);
  const open = ({ wrapped }: SecretRecord) => JSON.parse(unwrapped(kek, ID, wrapped).toString()) as SigningKey[];

  const find = async (): Promise<SecretRecord> => {
    const kept = await secrets.find(ID);
    if (kept) return kept;
    await secrets.add({ _id: ID, wrapped: seal([await createKey()]) });
    return (await secrets.find(ID)) as SecretRecord;
  };

  // read for each use, so that a new key of another process signs and counts at once
  const share = shareReads<'keys', readonly SigningKey[]>(async (asked) => {
    const keys = open(await find());
    return asked.map(() => keys);
  });
  const read = async (): Promise<readonly SigningKey[]> => (await share(['keys']))[0] ?? [];

  return {
    /** The present keys, the current one first. The first gateway that needs a key makes it. */
    read,

    /** The public halves of all keys, for checks of signatures. */
    publish: async (): Promise<readonly JWK[]> => (await read()).map(published),

    /** Signs claims as a compact JWS of a type. */
    async sign(claims: JWTPayload, typ: string): Promise<string> {
      const [signing] = await read();
      if (!signing) throw new Error('There is no key that signs.');
      return new SignJWT(claims)
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ, kid: signing.jwk.kid as string })
        .sign(await importJWK(signing.jwk, SIGNING_ALGORITHM));
    },

    /**
     * Makes a new current key. The public halves of former keys stay, so that their signatures can always be checked.
     *
     * @throws {RotationError} if another rotation was faster
     */
    async rotate({ now, lostSince }: Rotation): Promise<void> {
      const record = await find();
      const at = now.getTime();
      const retired = open(record)
        .map(({ jwk, retiredAt }) => ({ jwk: publicHalf(jwk), retiredAt: retiredAt ?? at }))
        .filter(({ retiredAt }) => lostSince === null || retiredAt < lostSince.getTime());
      if (!(await secrets.exchange(record, seal([await createKey(), ...retired]))))
        throw new RotationError('Another rotation took place at the same time. Run it again if it is still wanted.');
    },
  };
}
