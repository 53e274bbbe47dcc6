import { createHmac, hkdfSync } from 'node:crypto';

/** Derives a secret of 32 bytes for one use from a shared one; no derived secret reveals another (RFC 5869). */
export const deriveSecret = (secret: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `assent ${use}`, 32));

/** Makes the mark by which an encrypted value is found: equal values have equal marks, which reveal nothing else. */
export type BlindIndex = (kind: string, value: string) => string;

/** @param secret  32 bytes that every gateway on the same database shares */
export const createBlindIndex = (secret: Buffer): BlindIndex => {
  const key = deriveSecret(secret, 'blind index');
  return (kind, value) => createHmac('sha256', key).update(`${kind}\0${value}`).digest('hex');
};
