import unhomoglyph from 'unhomoglyph';

const IGNORABLE = /\p{Default_Ignorable_Code_Point}+/gu;

/** Upper case joins letters that lower case alone leaves apart: `ß` and `SS`, `ς` and `σ`. */
const foldCase = (text: string) => text.toLowerCase().toUpperCase().toLowerCase();

/**
 * A name as look-ups compare it: names that differ in letter case, width, space or ignorable characters alone are one.
 *
 * @see Unicode Standard 3.13, D146 (compatibility caseless matching)
 */
export const fold = (name: string): string =>
  foldCase(name.replace(IGNORABLE, '').normalize('NFKC')).normalize('NFKC').replace(/\s+/gu, ' ').trim();

/**
 * The shape of a text: texts that a reader takes for each other have the same skeleton.
 *
 * @see UTS 39, section 4 (confusable detection)
 */
export const skeleton = (text: string): string =>
  unhomoglyph(text.normalize('NFD').replace(IGNORABLE, '')).normalize('NFD');

/**
 * The shapes of a name, as it is written and as it is looked up: `PaypaI` for `Paypal`, and `rnika` for `Mika`. Two
 * names look alike where they have one of these in common.
 */
export const looksOf = (name: string): readonly string[] => [
  ...new Set([fold(skeleton(fold(name))), fold(skeleton(name))]),
];
