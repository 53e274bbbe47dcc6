/** How many characters are looked at at once. No needle is shorter. */
const WINDOW = 6;
const BASE = 0x01000193;
const OLDEST = Array.from({ length: WINDOW - 1 }).reduce<number>((power) => Math.imul(power, BASE), 1);
const FILTER_BITS = 24;

const hashOf = (text: string) => {
  let hash = 0;
  for (let at = 0; at < WINDOW; at++) hash = (Math.imul(hash, BASE) + text.charCodeAt(at)) | 0;
  return hash;
};

/**
 * Looks for very many texts at once, in one pass over each text that is searched.
 *
 * @see Karp and Rabin, Efficient randomized pattern-matching algorithms (1987)
 */
export function createHaystack<T>() {
  const needles = new Map<number, { readonly text: string; readonly tag: T }[]>();
  const filter = new Uint8Array(2 ** (FILTER_BITS - 3));
  const bitOf = (hash: number) => hash >>> (32 - FILTER_BITS);

  const search = (text: string, found: Set<T>) => {
    let hash = hashOf(text);
    for (let at = 0; ; at++) {
      const bit = bitOf(hash);
      if ((filter[bit >> 3] as number) & (1 << (bit & 7)))
        for (const needle of needles.get(hash) ?? []) if (text.startsWith(needle.text, at)) found.add(needle.tag);
      if (at + WINDOW >= text.length) return;
      hash = (Math.imul(hash - Math.imul(text.charCodeAt(at), OLDEST), BASE) + text.charCodeAt(at + WINDOW)) | 0;
    }
  };

  return {
    add(text: string, tag: T): void {
      if (text.length < WINDOW) throw new Error(`A needle of fewer than ${WINDOW} characters finds too much.`);
      const hash = hashOf(text);
      const bit = bitOf(hash);
      filter[bit >> 3] = (filter[bit >> 3] as number) | (1 << (bit & 7));
      const known = needles.get(hash);
      if (known) known.push({ text, tag });
      else needles.set(hash, [{ text, tag }]);
    },

    /** The tags of all needles in a text, as it is written and in lower case. */
    find(text: string): Set<T> {
      const found = new Set<T>();
      if (text.length < WINDOW) return found;
      search(text, found);
      const lower = text.toLowerCase();
      if (lower !== text) search(lower, found);
      return found;
    },
  };
}
