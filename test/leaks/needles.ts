import { createHash } from 'node:crypto';

/** A text that gives a value away by its presence, and its written form. */
export interface Needle {
  readonly text: string;
  readonly form: string;
}

/** Overlapping pieces, so that a part of a text is found as well as the whole. */
const pieces = (text: string, length: number, step: number): string[] => {
  if (text.length <= length) return [text];
  const starts = Array.from({ length: Math.floor((text.length - length) / step) + 1 }, (_, index) => index * step);
  return starts.map((start) => text.slice(start, start + length));
};

/** The parts of a base64 text that depend on these bytes alone, at each of the three offsets. */
function base64Within(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    const first = Math.ceil((before * 8) / 6);
    return whole.toString('base64').slice(first, Math.floor((whole.length * 8) / 6));
  });
}

const urlSafe = (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_');

/** An encoded text shorter than this turns up in hashes and cursors by chance. */
const SHORTEST = 9;

const HASHES = ['sha256', 'sha1', 'md5'] as const;

/** Every form in which a leak may have written `mark`, a part of `value`. */
export function needlesOf(mark: string, value: string, { whole = false } = {}): Needle[] {
  const found = new Map<string, string>();
  const add = (form: string, texts: readonly string[]) => {
    for (const text of texts)
      if (!found.has(text) && (form === 'raw' || text.length >= SHORTEST)) found.set(text, form);
  };
  const partly = (text: string, length: number, step: number) => (whole ? [text] : pieces(text, length, step));

  add('raw', whole ? [value] : pieces(mark, 10, 1));
  add('reversed', partly([...(whole ? value : mark)].reverse().join(''), 10, 1));
  const bytes = Buffer.from(mark);
  for (const base64 of base64Within(bytes)) {
    add('base64', partly(base64, 12, 4));
    add('base64url', partly(urlSafe(base64), 12, 4));
  }
  add('hex', partly(bytes.toString('hex'), 16, 4));
  add('URL-encoded', partly([...bytes].map((byte) => `%${byte.toString(16)}`).join(''), 18, 6));
  // Of a value that is an id in hexadecimal, the bytes themselves.
  if (/^[0-9a-f]{32}$/.test(value))
    for (const base64 of base64Within(Buffer.from(value, 'hex'))) {
      add('base64 of its bytes', pieces(base64, 12, 4));
      add('base64url of its bytes', pieces(urlSafe(base64), 12, 4));
    }
  for (const name of HASHES)
    for (const text of new Set([mark, value])) {
      const hash = createHash(name).update(text).digest();
      add(`${name} in hex`, pieces(hash.toString('hex'), 16, 8));
      add(`${name} in base64`, pieces(hash.toString('base64').replace(/=+$/, ''), 12, 5));
      add(`${name} in base64url`, pieces(hash.toString('base64url'), 12, 5));
    }
  return [...found].map(([text, form]) => ({ text, form }));
}
