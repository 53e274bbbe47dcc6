import { type DocumentNode, Kind, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { badInput } from '../errors.ts';

/** A run of 13 to 19 digits, in groups or not, that no other digit touches. */
const CANDIDATE = /(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)/g;

/** An id of 16 bytes in hexadecimal, such as are given out here: some of them happen to look like a card number. */
const HEXADECIMAL_ID = /(?<![\da-z])[\da-f]{8}(-?)[\da-f]{4}\1[\da-f]{4}\1[\da-f]{4}\1[\da-f]{12}(?![\da-z])/gi;

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
  [...text.replaceAll(HEXADECIMAL_ID, 'id').matchAll(CANDIDATE)].some(([run]) =>
    hasCheckDigit(run.replaceAll(/[ -]/g, '')),
  );

/** Where in a value a card number stands, as a dotted path; null where none does. */
function findCardNumber(value: unknown, path: string): string | null {
  if (typeof value === 'string') return holdsCardNumber(value) ? path : null;
  if (typeof value === 'number') return holdsCardNumber(String(value)) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, part] of Object.entries(value)) {
    const found = findCardNumber(part, path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function findInDocument(document: DocumentNode): string | null {
  let found: string | null = null;
  let argument = 'document';
  visit(document, {
    Argument: ({ name }) => {
      argument = name.value;
    },
    StringValue: ({ value }) => {
      if (holdsCardNumber(value)) found ??= argument;
    },
    [Kind.INT]: ({ value }) => {
      if (holdsCardNumber(value)) found ??= argument;
    },
  });
  return found;
}

/**
 * The number of a payment card is refused wherever it stands in a request, before anything is done with it: it is to
 * be given to the payment processor, whose token comes here.
 */
export const useCardNumberGuard = (): Plugin => ({
  onExecute({ args, setResultAndStopExecution }) {
    const place = findCardNumber(args.variableValues ?? {}, '') ?? findInDocument(args.document);
    if (place !== null)
      setResultAndStopExecution({
        errors: [badInput(place, 'no payment card number: give it to the processor instead')],
      });
  },
});
