import { createHmac, hkdfSync } from 'node:crypto';

/** A secret of 32 bytes for one use, from one that serves many; none of them tells of another (RFC 5869). */
export const deriveSecret = (secret: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `assent ${use}`, 32));

/** What a value is looked up by where it lies encrypted: equal values give equal marks, which tell nothing else. */
export type BlindIndex = (kind: string, value: string) => string;

/** @param secret  32 bytes that every gateway on the same database shares */
export const createBlindIndex = (secret: Buffer): BlindIndex => {
  const key = deriveSecret(secret, 'blind index');
  return (kind, value) => createHmac('sha256', key).update(`${kind}\0${value}`).digest('hex');
};
