import type { z } from 'zod';
import { meantBy } from './nearest.ts';

/** Faults of a policy file in our own words. */

const LONGEST = 60;
const shortened = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** The name of a file's value in a message. */
export function named(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? JSON.stringify(shortened(value)) : String(value);
}

/** `expected a purpose, not "bilding"; did you mean billing?` */
export const expected = (what: string, value: unknown, right: Iterable<string> = []): string =>
  `expected ${what}, not ${named(value)}${meantBy(value, right)}`;

/**
 * Names the right word if one is near, and else all right words.
 *
 * @param all  the beginning of a list of all: `one of the facts `
 */
export const expectedOneOf = (what: string, all: string, value: unknown, right: readonly string[]): string => {
  const meant = meantBy(value, right);
  return `expected ${meant ? what : all + right.join(', ')}, not ${named(value)}${meant}`;
};

export const unknownKey = (key: string, right: readonly string[]): string =>
  `expected no such key${meantBy(key, right) || (right.length > 0 ? `; there are ${right.join(', ')}` : '')}`;

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

const typeNamed = (type: string) => TYPES[type] ?? 'another kind of value';

const tooSmall = (origin: string, minimum: number | bigint) =>
  origin === 'array' || origin === 'string' ? `${typeNamed(origin)} that is not empty` : `${minimum} or more`;

/** The expectation of a shape in our words, instead of the library's. */
export const inOwnWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? `is missing; expected ${typeNamed(issue.expected)}`
        : expected(typeNamed(issue.expected), issue.input);
    case 'invalid_value': {
      const right = issue.values.map(String);
      return issue.input === undefined
        ? `is missing; expected one of ${right.join(', ')}`
        : expectedOneOf('another word', 'one of ', issue.input, right);
    }
    case 'too_small':
      return expected(tooSmall(issue.origin, issue.minimum), issue.input);
    case 'too_big':
      return expected(`${issue.maximum} or less`, issue.input);
    default:
      return expected('another value', issue.input);
  }
};
