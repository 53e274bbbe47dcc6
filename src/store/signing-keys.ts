import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Access } from './mongo/collections.ts';
import { createSecretRecords, type SecretRecord } from './mongo/repositories/secrets.ts';
import { sealJson } from './sealed-json.ts';
import { unwrapped } from './secrets.ts';

/** A key with which the gateways on a database sign, or have signed. */
export interface SigningKey {
  /** Both halves of it, with its thumbprint as `kid`. */
  readonly jwk: JWK;
  /** When another began to sign in its place, in milliseconds since the epoch; null for the one that signs. */
  readonly retiredAt: number | null;
}

export interface Rotation {
  readonly now: Date;
  /** The time for which tokens of a retired key still count, in milliseconds; 0 for a key that others have. */
  readonly keptFor: number;
}

/** Others changed the keys at the same time. */
export class RotationError extends Error {
  override readonly name = 'RotationError';
}

const ID = 'signing keys';

async function createKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  return { jwk: { ...jwk, kid: await calculateJwkThumbprint(jwk) }, retiredAt: null };
}

/** The keys with which all gateways on a database sign tokens: kept there, sealed, so that each has the same. */
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

  return {
    /** The keys as they are now, the one that signs first. The first of all is made by whoever needs it first. */
    read: async (): Promise<readonly SigningKey[]> => open(await find()),

    /**
     * Lets a new key sign from now on. Those before stay until what they have signed counts no more.
     *
     * @throws {RotationError} where another rotation was faster
     */
    async rotate({ now, keptFor }: Rotation): Promise<void> {
      const record = await find();
      const at = now.getTime();
      const retired = open(record)
        .map(({ jwk, retiredAt }) => ({ jwk, retiredAt: retiredAt ?? at }))
        .filter(({ retiredAt }) => at < retiredAt + keptFor);
      if (!(await secrets.exchange(record, seal([await createKey(), ...retired]))))
        throw new RotationError('Another rotation took place at the same time. Run it again if it is still wanted.');
    },
  };
}
