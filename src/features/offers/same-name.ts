/** Accents of Latin, Greek and Cyrillic letters, once they stand by themselves. */
const ACCENTS = /[\u0300-\u036f]/g;

/**
 * A name in the form for comparison: letter case, accents, width, invisible characters, punctuation and the number of
 * spaces make no difference.
 */
export const foldName = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .replace(/[\p{Pd}\p{Z}\s]+/gu, ' ')
    .replace(/\p{P}/gu, '')
    .trim()
    .normalize('NFC');

/** Whether two names are one person's, as far as spelling tells. A name without letters belongs to nobody. */
export const isSameName = (one: string, other: string): boolean =>
  foldName(one) !== '' && foldName(one) === foldName(other);
