import { parse, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { badInput } from '../errors.ts';

/** Thirteen digits and more, in groups or not. */
const RUN = /(?<!\d)\+?\d(?:[\p{Z}\p{Pd}\t.]{0,3}\d){12,}/gu;

/** How many digits the number of a card has. */
const DIGITS = { least: 13, most: 19 } as const;
/** The fewest digits of a group in which a card shows its number. */
const SHORTEST_GROUP = 3;
/** The most digits of a telephone number, where it begins with a plus (ITU-T E.164). */
const LONGEST_PHONE = 15;

/** An id in hexadecimal, such as are given out here: some of them happen to look like a card number. */
const HEXADECIMAL_ID = /(?<![\da-z])(?:[\da-f]{32,}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?![\da-z])/gi;

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

/** What may be a card number in a run of digits: all of it, or neighbouring groups that are not too short. */
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

/** Whether a text holds what may be the number of a payment card. */
export const holdsCardNumber = (text: string): boolean =>
  [...text.normalize('NFKC').replaceAll(HEXADECIMAL_ID, 'id').matchAll(RUN)].some(([run]) =>
    [...candidates(run)].some((digits) => digits.length <= DIGITS.most && hasCheckDigit(digits)),
  );

/** Where in a value a card number stands, as a dotted path; null where none does. */
function findCardNumber(value: unknown, path: string): string | null {
  if (typeof value === 'string') return holdsCardNumber(value) ? path : null;
  if (typeof value === 'number') return Number.isInteger(value) && holdsCardNumber(String(value)) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, part] of Object.entries(value)) {
    if (holdsCardNumber(key)) return path || 'variables';
    const found = findCardNumber(part, path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

/** The argument in whose value a card number stands; `query` where it stands elsewhere in the document. */
function findInDocument(query: string): string | null {
  const isHeld = holdsCardNumber(query);
  // A text can hold one that its spelling hides: only where characters are escaped.
  if (!isHeld && !query.includes('\\')) return null;
  let found: string | null = null;
  let argument = 'query';
  try {
    visit(parse(query), {
      Argument: ({ name }) => {
        argument = name.value;
      },
      StringValue: ({ value }) => {
        if (holdsCardNumber(value)) found ??= argument;
      },
      IntValue: ({ value }) => {
        if (holdsCardNumber(value)) found ??= argument;
      },
    });
  } catch {
    // It is no GraphQL, which whoever executes it will tell.
  }
  return found ?? (isHeld ? 'query' : null);
}

/**
 * The number of a payment card is refused wherever it stands in a request, before anything else is done with it, so
 * that no error can repeat it: it is to be given to the payment processor, whose token comes here.
 */
export const useCardNumberGuard = (): Plugin => ({
  onParams({ params: { query, variables, operationName, extensions }, setResult }) {
    const place =
      findCardNumber(variables ?? {}, '') ??
      findInDocument(query ?? '') ??
      findCardNumber({ operationName, extensions }, '');
    if (place !== null)
      setResult({ errors: [badInput(place, 'no payment card number: give it to the processor instead')] });
  },
});
