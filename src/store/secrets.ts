import { randomBytes } from 'node:crypto';
import { openBytes, rewrap, sealBytes } from './aead.ts';
import { findLocalSecret, openLocalSecret } from './local-secret.ts';
import type { Store } from './mongo/connection.ts';

interface WrappedSecret {
  readonly _id: string;
  /** Sealed under the key encryption key; the id is its place. */
  readonly wrapped: string;
}

export interface KeyEncryptionKeySource {
  /** 32 bytes in base64, where the configuration gives them. */
  readonly keyEncryptionKey: string | undefined;
  readonly dataDir: string;
}

const KEY_FILE = 'key-encryption-key';

/** The key that wraps every other key is not there, or is another one. */
export class KeyEncryptionKeyError extends Error {
  override readonly name = 'KeyEncryptionKeyError';
}

/**
 * The key that wraps every other key: from the configuration, else one that the data directory keeps. A new one is made
 * for a database that holds nothing under another.
 *
 * @throws {KeyEncryptionKeyError} where the key of a database that holds sealed data is not there
 * @throws {DataDirectoryError}
 */
export async function openKeyEncryptionKey(
  store: Pick<Store, 'connection' | 'read'>,
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

const secretsOf = ({ connection }: Pick<Store, 'connection'>) =>
  connection.getClient().db(connection.name).collection<WrappedSecret>('gateway_secrets');

/** Whether the database holds anything that was sealed under a key encryption key. */
export const holdsSecrets = async (store: Pick<Store, 'connection' | 'read'>): Promise<boolean> =>
  (await secretsOf(store).findOne({}, store.read)) !== null;

function unwrapped(kek: Buffer, id: string, wrapped: string): Buffer {
  try {
    return openBytes(kek, id, wrapped);
  } catch {
    throw new KeyEncryptionKeyError(
      'KEY_ENCRYPTION_KEY: expected the key that this database was set up with; what it holds can not be unwrapped.',
    );
  }
}

/**
 * A secret of 32 bytes that every gateway on the same database shares, stored there wrapped.
 *
 * @throws {KeyEncryptionKeyError} where the key encryption key is not the one that wrapped it
 */
export async function openSharedSecret(
  store: Pick<Store, 'connection' | 'read' | 'write'>,
  kek: Buffer,
  id: string,
): Promise<Buffer> {
  const { read, write } = store;
  const secrets = secretsOf(store);
  await secrets.updateOne(
    { _id: id },
    { $setOnInsert: { wrapped: sealBytes(kek, id, randomBytes(32)) } },
    { upsert: true, writeConcern: write },
  );
  const kept = await secrets.findOne({ _id: id }, read);
  return unwrapped(kek, id, kept?.wrapped ?? '');
}

/**
 * The same secret, where it is there already: neither it nor a key is made.
 *
 * @throws {KeyEncryptionKeyError} where the key encryption key is not the one that wrapped it
 */
export async function findSharedSecret(
  store: Pick<Store, 'connection' | 'read'>,
  { keyEncryptionKey, dataDir }: KeyEncryptionKeySource,
  id: string,
): Promise<Buffer | null> {
  const kept = await secretsOf(store).findOne({ _id: id }, store.read);
  const encoded = keyEncryptionKey ?? (await findLocalSecret(dataDir, KEY_FILE));
  return kept && encoded !== null ? unwrapped(Buffer.from(encoded, 'base64'), id, kept.wrapped) : null;
}

/**
 * Wraps every shared secret under another key encryption key; safe to run again where it was cut off.
 *
 * @returns how many were wrapped anew
 * @throws {KeyEncryptionKeyError} where one is wrapped under neither key
 */
export async function rewrapSharedSecrets(
  store: Pick<Store, 'connection' | 'read' | 'write'>,
  kek: Buffer,
  next: Buffer,
): Promise<number> {
  const secrets = secretsOf(store);
  let count = 0;
  for await (const { _id, wrapped } of secrets.find({}, store.read)) {
    const again = rewrap(kek, next, _id, wrapped);
    if (again === null) continue;
    await secrets.updateOne({ _id, wrapped }, { $set: { wrapped: again } }, { writeConcern: store.write });
    count += 1;
  }
  return count;
}
