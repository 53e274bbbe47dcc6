const plain = (word: string) => word.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** The number of letters to add, drop, replace or swap with their neighbour that turns one word into the other. */
function editsBetween(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= other.length; j += 1) {
      const replaced = at(i - 1, j - 1) + Number(one[i - 1] !== other[j - 1]);
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swapped = isSwap ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row[j] = Math.min(at(i - 1, j) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped);
    }
  }
  return at(one.length, other.length);
}

/** Whether a word is another one with letters left out: `openCase` of `openPrivacyCase`. */
const abbreviates = (short: string, long: string) => {
  let found = 0;
  for (const letter of long) if (letter === short[found]) found += 1;
  return short.length >= 4 && short[0] === long[0] && found === short.length;
};

const sharedStart = (one: string, other: string) => {
  const length = [...one].findIndex((letter, index) => letter !== other[index]);
  return length < 0 ? one.length : length;
};

/** No word of a policy is longer, and a longer one takes long to compare. */
const LONGEST = 80;

/**
 * The word that the author most likely meant by another one.
 *
 * @returns undefined if no word is near: two of five letters may differ; case and signs do not count
 */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  const meant = plain(word.slice(0, LONGEST));
  const most = Math.floor(meant.length * 0.4);
  const near = [...words].flatMap((candidate) => {
    const other = plain(candidate);
    const edits = editsBetween(meant, other);
    if (meant === '' || (edits > most && !abbreviates(meant, other))) return [];
    return [{ candidate, edits, start: sharedStart(meant, other) }];
  });
  return near.sort((a, b) => a.edits - b.edits || b.start - a.start)[0]?.candidate;
}

/** The end of a message about a wrong word; empty if no right word is near. */
export const meantBy = (word: unknown, words: Iterable<string>): string => {
  const meant = typeof word === 'string' ? nearest(word, words) : undefined;
  return meant === undefined ? '' : `; did you mean ${meant}?`;
};
