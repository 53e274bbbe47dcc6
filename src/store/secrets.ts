import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import type { Store } from './connection.ts';
import { openLocalSecret } from './local-secret.ts';

interface WrappedSecret {
  readonly _id: string;
  /** AES-256-GCM: 12 bytes of nonce, the ciphertext, 16 bytes of tag; base64. The id is associated data. */
  readonly wrapped: string;
}

/** The key that wraps every other key: from the configuration, else one that the data directory keeps. */
export async function openKeyEncryptionKey({ keyEncryptionKey, dataDir }: Config): Promise<Buffer> {
  const encoded =
    keyEncryptionKey ??
    (await openLocalSecret(dataDir, 'key-encryption-key', async () => randomBytes(32).toString('base64')));
  return Buffer.from(encoded, 'base64');
}

const wrap = (kek: Buffer, id: string, secret: Buffer): string => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', kek, nonce).setAAD(Buffer.from(id));
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]).toString('base64');
};

const unwrap = (kek: Buffer, id: string, wrapped: string): Buffer => {
  const bytes = Buffer.from(wrapped, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', kek, bytes.subarray(0, 12)).setAAD(Buffer.from(id));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
};

/**
 * A secret of 32 bytes that every gateway on the same database shares, stored there wrapped.
 *
 * @throws {Error} where the key encryption key is not the one that wrapped it
 */
export async function openSharedSecret(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  kek: Buffer,
  id: string,
): Promise<Buffer> {
  const secrets = connection.getClient().db(connection.name).collection<WrappedSecret>('gateway_secrets');
  await secrets.updateOne(
    { _id: id },
    { $setOnInsert: { wrapped: wrap(kek, id, randomBytes(32)) } },
    { upsert: true, writeConcern: write },
  );
  const kept = await secrets.findOne({ _id: id }, read);
  try {
    return unwrap(kek, id, kept?.wrapped ?? '');
  } catch {
    throw new Error(
      'KEY_ENCRYPTION_KEY: expected the key that this database was set up with; what it holds can not be unwrapped.',
    );
  }
}
