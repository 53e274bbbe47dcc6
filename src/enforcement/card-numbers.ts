import { parse, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { badInput } from '../errors.ts';

/** A run of 13 to 19 digits, in groups or not, that no other digit touches. */
const CANDIDATE = /(?<!\d)\+?(?:\d[\p{Z}\p{Pd}\t.]{0,3}){12,18}\d(?!\d)/gu;

/** The most digits of a telephone number, where it begins with a plus (ITU-T E.164). */
const LONGEST_PHONE = 15;

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

/** Whether a text holds what may be the number of a payment card. */
export const holdsCardNumber = (text: string): boolean =>
  [...text.normalize('NFKC').matchAll(CANDIDATE)].some(([run]) => {
    const digits = run.replaceAll(/\D/g, '');
    return !(run.startsWith('+') && digits.length <= LONGEST_PHONE) && hasCheckDigit(digits);
  });

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
