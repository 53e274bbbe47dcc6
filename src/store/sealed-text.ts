import { openJson, sealJson } from './sealed-json.ts';

/**
 * A value as text for links and cursors: nobody can forge it or read its content.
 *
 * @param place  its kind and its audience: it can't be opened for others
 * @param value  plain JSON
 * @returns base64url
 */
export const sealText = (key: Buffer, place: string, value: unknown): string =>
  Buffer.from(sealJson(key, place, value), 'base64').toString('base64url');

/** The value; null for a text that was not sealed under this key for this place. */
export function openText(key: Buffer, place: string, text: string): unknown {
  const bytes = Buffer.from(text, 'base64url');
  // accept one spelling only: the last character of base64 has unused bits
  if (bytes.toString('base64url') !== text) return null;
  try {
    return openJson(key, place, bytes.toString('base64'));
  } catch {
    return null;
  }
}
