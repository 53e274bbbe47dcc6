import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

/**
 * Encrypts and authenticates: AES-256-GCM under a fresh nonce.
 *
 * @param place  names the value and its owner: associated data, so that the value can't be opened at another place
 * @returns nonce (12 bytes), ciphertext and tag (16 bytes), base64
 */
export function sealBytes(key: Buffer, place: string, value: Buffer): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** @throws {Error} if the key or the place is wrong, or a bit has changed */
export function openBytes(key: Buffer, place: string, sealed: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]);
}

/**
 * Seals a text under `next` that was sealed under `key`.
 *
 * @returns null if it is already sealed under `next`
 * @throws {Error} if it is sealed under neither
 */
export function rewrap(key: Buffer, next: Buffer, place: string, sealed: string): string | null {
  try {
    return sealBytes(next, place, openBytes(key, place, sealed));
  } catch {
    openBytes(next, place, sealed);
    return null;
  }
}
