/**
 * An address as the URL Standard reads it; null for a text that is none.
 *
 * `URL.canParse` is wrong in Node 20: after some thousand calls it rejects hosts with letters such as `ü`.
 */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
