/** Characters that reorder or break the line they stand on, or have no meaning that everybody shares. */
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}\p{Co}\p{Cn}]/u;

/** A letter, digit, sign or symbol; some of them are blank all the same. */
const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u{2800}\u{1d159}])[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Whether a text stays on one line and in its own direction: no control, separator of lines, bidirectional control, lone
 * surrogate, private use or unassigned character.
 */
export const isOnOneLine = (text: string): boolean => !UNFIT.test(text);

/** Whether a reader would see anything of a text. */
export const isVisible = (text: string): boolean => VISIBLE.test(text);
