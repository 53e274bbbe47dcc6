import { randomBytes } from 'node:crypto';
import { openBytes, rewrap, sealBytes } from './aead.ts';
import { findLocalSecret, openLocalSecret } from './local-secret.ts';
import type { Access } from './mongo/collections.ts';
import { createSecretRecords } from './mongo/repositories/secrets.ts';

export interface KeyEncryptionKeySource {
  /** 32 bytes in base64, if the configuration has a key. */
  readonly keyEncryptionKey: string | undefined;
  readonly dataDir: string;
}

const KEY_FILE = 'key-encryption-key';

/** The key that wraps every other key is missing or wrong. */
export class KeyEncryptionKeyError extends Error {
  override readonly name = 'KeyEncryptionKeyError';
}

/**
 * The key that wraps every other key: from the configuration, else from the data directory. A new key is made only for
 * a database without sealed data.
 *
 * @throws {KeyEncryptionKeyError} if the database holds sealed data and its key is missing
 * @throws {DataDirectoryError}
 */
export async function openKeyEncryptionKey(
  store: Access,
  { keyEncryptionKey, dataDir }: KeyEncryptionKeySource,
): Promise<Buffer> {
  const create = async () => {
    if (await holdsSecrets(store))
      throw new KeyEncryptionKeyError(
        `The database holds sealed data, and its key is not there. Put the file ${KEY_FILE} back into DATA_DIR, or set ` +
          'KEY_ENCRYPTION_KEY. No new key was made.',
      );
    return randomBytes(32).toString('base64');
  };
  return Buffer.from(keyEncryptionKey ?? (await openLocalSecret(dataDir, KEY_FILE, create)), 'base64');
}

/** Whether the database holds anything that was sealed under a key encryption key. */
export const holdsSecrets = async (store: Access): Promise<boolean> => !(await createSecretRecords(store).isEmpty());

/**
 * The content of a secret. Its id is its place.
 *
 * @throws {KeyEncryptionKeyError} where the key encryption key is not the one that wrapped it
 */
export function unwrapped(kek: Buffer, id: string, wrapped: string): Buffer {
  try {
    return openBytes(kek, id, wrapped);
  } catch {
    throw new KeyEncryptionKeyError(
      'KEY_ENCRYPTION_KEY: expected the key that this database was set up with; this key can not unwrap its secrets.',
    );
  }
}

/**
 * A secret of 32 bytes that every gateway on the same database shares, stored there wrapped.
 *
 * @throws {KeyEncryptionKeyError} where the key encryption key is not the one that wrapped it
 */
export async function openSharedSecret(store: Access, kek: Buffer, id: string): Promise<Buffer> {
  const secrets = createSecretRecords(store);
  await secrets.add({ _id: id, wrapped: sealBytes(kek, id, randomBytes(32)) });
  const kept = await secrets.find(id);
  return unwrapped(kek, id, kept?.wrapped ?? '');
}

/**
 * The same secret if it already exists: this makes neither a secret nor a key.
 *
 * @throws {KeyEncryptionKeyError} where the key encryption key is not the one that wrapped it
 */
export async function findSharedSecret(
  store: Access,
  { keyEncryptionKey, dataDir }: KeyEncryptionKeySource,
  id: string,
): Promise<Buffer | null> {
  const kept = await createSecretRecords(store).find(id);
  const encoded = keyEncryptionKey ?? (await findLocalSecret(dataDir, KEY_FILE));
  return kept && encoded !== null ? unwrapped(Buffer.from(encoded, 'base64'), id, kept.wrapped) : null;
}

/**
 * Wraps every shared secret under another key encryption key; an interrupted run can be repeated.
 *
 * @returns the number of rewrapped secrets
 * @throws {KeyEncryptionKeyError} if a secret is wrapped under neither key
 */
export async function rewrapSharedSecrets(store: Access, kek: Buffer, next: Buffer): Promise<number> {
  const secrets = createSecretRecords(store);
  let count = 0;
  for await (const secret of secrets.all()) {
    const wrapped = rewrap(kek, next, secret._id, secret.wrapped);
    if (wrapped === null) continue;
    await secrets.exchange(secret, wrapped);
    count += 1;
  }
  return count;
}
