/** Accents of Latin, Greek and Cyrillic letters, once they stand by themselves. */
const ACCENTS = /[\u0300-\u036f]/g;

/**
 * A name as it is compared: letter case, accents, width, characters that nobody sees, punctuation and the number of
 * spaces say nothing of whose it is.
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

/** Whether two names are one person's, as far as spelling tells. What holds no letter is nobody's. */
export const isSameName = (one: string, other: string): boolean =>
  foldName(one) !== '' && foldName(one) === foldName(other);
