import { openBytes, sealBytes } from './aead.ts';

/**
 * Encrypts and authenticates a value of plain JSON, as `sealBytes` does.
 *
 * @param place  names the value and its owner: the value can't be opened at another place
 */
export const sealJson = (key: Buffer, place: string, value: unknown): string =>
  sealBytes(key, place, Buffer.from(JSON.stringify(value)));

/** @throws {Error} if the key or the place is wrong, or a bit has changed */
export const openJson = (key: Buffer, place: string, sealed: string): unknown =>
  JSON.parse(openBytes(key, place, sealed).toString());
