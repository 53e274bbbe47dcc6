import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

/**
 * Encrypts and authenticates: AES-256-GCM under a fresh nonce.
 *
 * @param place  what the value is and whose: associated data, so that it can't be opened anywhere else
 * @returns nonce (12 bytes), ciphertext and tag (16 bytes), base64
 */
export function sealBytes(key: Buffer, place: string, value: Buffer): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** @throws {Error} where the key or the place is another, or a bit was changed */
export function openBytes(key: Buffer, place: string, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]);
}

/**
 * Seals what is sealed under `key` under `next` instead.
 *
 * @returns null where it is under `next` already
 * @throws {Error} where it is under neither
 */
export function rewrap(key: Buffer, next: Buffer, place: string, sealed: string): string | null {
  try {
    return sealBytes(next, place, openBytes(key, place, sealed));
  } catch {
    openBytes(next, place, sealed);
    return null;
  }
}
