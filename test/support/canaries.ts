import { createHash, randomBytes } from 'node:crypto';

/** A value that stands nowhere else, of letters and digits alone, so that every field may take it. */
export const createCanary = (): string => `canary${randomBytes(9).toString('hex')}`;

/** The letters of a value that survive base64 wherever it begins within a longer text. */
const innerBase64 = (value: string, offset: number) => {
  const encoded = Buffer.from('x'.repeat(offset) + value).toString('base64');
  const skipped = Math.ceil((offset * 8) / 6);
  const whole = Math.floor(((offset + value.length) * 8) / 6);
  return encoded.slice(skipped, whole);
};

const HASHES = ['md5', 'sha1', 'sha256', 'sha512'];
const PART = 12;

/** The forms that a value may be found in: as it is, in part, turned round, encoded and hashed. */
export const formsOf = (value: string): readonly string[] => [
  value.slice(0, PART),
  value.slice(-PART),
  [...value].reverse().join(''),
  Buffer.from(value).toString('hex'),
  ...[0, 1, 2].map((offset) => innerBase64(value, offset)),
  encodeURIComponent(value),
  ...HASHES.flatMap((hash) => {
    const digest = createHash(hash).update(value).digest();
    return [digest.toString('hex'), digest.toString('base64'), digest.toString('base64url')];
  }),
];

/** The forms of the values that stand in a text, in any case of letters. */
export function findCanaries(text: string, values: readonly string[]): string[] {
  const folded = text.toLowerCase();
  return values.flatMap((value) => formsOf(value).filter((form) => folded.includes(form.toLowerCase())));
}
