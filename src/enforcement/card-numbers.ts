import creditCardTypes from 'credit-card-type';

/** Digits with up to three characters between them: signs, spaces and symbols of any kind, but no letters. */
const RUN = /(?<!\d)\+?\d(?:[^\p{L}\p{N}]{0,3}\d){12,}/gu;

/** How many digits the number of a card has. */
const DIGITS = { least: 13, most: 19 } as const;
/** The fewest digits of a group in which a card shows its number. */
const SHORTEST_GROUP = 3;
/** The most digits of a telephone number (ITU-T E.164). */
const LONGEST_PHONE = 15;

/** A hexadecimal id, as the gateway issues them: some look like a card number by chance. */
const HEXADECIMAL_ID = /(?<![\da-z])(?:[\da-f]{32,}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?![\da-z])/gi;

const IS_ASCII = /^[\0-\x7f]*$/;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}+/gu;
const isDigit = (codePoint: number) => /\p{Nd}/u.test(String.fromCodePoint(codePoint));

/** The value of a decimal digit of any script: each script has its ten in a row (Unicode Standard, section 4.6). */
function asciiOf(digit: string): string {
  const codePoint = digit.codePointAt(0) as number;
  let zero = codePoint;
  while (isDigit(zero - 1)) zero -= 1;
  return String((codePoint - zero) % 10);
}

/** A text with plain digits, as a reader sees them: of every script and width, without invisible characters. */
const plain = (text: string): string => (IS_ASCII.test(text) ? text : unified(text)).replaceAll(HEXADECIMAL_ID, 'id');

const unified = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(IGNORABLE, '')
    .replaceAll(/(?!\d)\p{Nd}/gu, asciiOf);

/** The check digit that every payment card carries (ISO/IEC 7812-1, Luhn). */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/**
 * Shapes of short card numbers that can't be international telephone numbers without a plus: no country with these first
 * digits has numbers of this length. Visa once issued 13 digits; numbers that begin as in Austria or Germany count as
 * telephone numbers.
 */
const SHORT = [/^3[47]\d{13}$/, /^3(?:0[0-5]|[689]\d)\d{11}$/, /^4(?![39])\d{12}$/];

/** Whether an issuer uses this prefix with this length. */
const isIssued = (digits: string): boolean =>
  digits.length <= LONGEST_PHONE
    ? SHORT.some((shape) => shape.test(digits))
    : creditCardTypes(digits).some(({ lengths }) => lengths.includes(digits.length));

/** Possible card numbers in a run of digits: the whole run, or neighbouring groups that are not too short. */
function* candidates(run: string): Generator<string> {
  const groups = run.match(/\d+/g) ?? [];
  const all = groups.join('');
  if (!(run.startsWith('+') && all.length <= LONGEST_PHONE)) yield all;
  for (let first = 0; first < groups.length; first++) {
    let digits = '';
    for (let next = first; digits.length < DIGITS.most; next++) {
      const group = groups[next];
      if (group === undefined || group.length < SHORTEST_GROUP) break;
      digits += group;
      if (digits.length >= DIGITS.least && digits.length < all.length) yield digits;
    }
  }
}

const isCardNumber = (digits: string): boolean =>
  digits.length <= DIGITS.most && hasCheckDigit(digits) && isIssued(digits);

/**
 * Whether a text may hold the number of a payment card: digits with an issuer's prefix and length and a right check
 * digit, in any script and grouping.
 */
export const holdsCardNumber = (text: string): boolean =>
  [...plain(text).matchAll(RUN)].some(([run]) => [...candidates(run)].some(isCardNumber));
