/**
 * An address as the URL Standard reads it; null for a text that is none.
 *
 * `URL.canParse` is wrong in Node 20: once it has been called some thousand times, it denies addresses whose host has
 * letters such as `ü`.
 */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
