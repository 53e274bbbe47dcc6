import { openBytes, sealBytes } from './aead.ts';

/**
 * Encrypts and authenticates a value of plain JSON, as `sealBytes` does.
 *
 * @param place  what the value is and whose: it can't be opened anywhere else
 */
export const sealJson = (key: Buffer, place: string, value: unknown): string =>
  sealBytes(key, place, Buffer.from(JSON.stringify(value)));

/** @throws {Error} where the key or the place is another, or a bit was changed */
export const openJson = (key: Buffer, place: string, sealed: string): unknown =>
  JSON.parse(openBytes(key, place, sealed).toString());
