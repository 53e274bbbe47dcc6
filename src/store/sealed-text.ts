import { openJson, sealJson } from './sealed-json.ts';

/**
 * A value as text for links and cursors: it can't be forged, and tells nothing to anybody.
 *
 * @param place  its kind and its audience: it can't be opened for any other
 * @param value  plain JSON
 * @returns base64url
 */
export const sealText = (key: Buffer, place: string, value: unknown): string =>
  Buffer.from(sealJson(key, place, value), 'base64').toString('base64url');

/** The value; null for any text that was not sealed under this key for this place. */
export function openText(key: Buffer, place: string, text: string): unknown {
  const bytes = Buffer.from(text, 'base64url');
  // one spelling alone: base64 leaves the last character some freedom
  if (bytes.toString('base64url') !== text) return null;
  try {
    return openJson(key, place, bytes.toString('base64'));
  } catch {
    return null;
  }
}
