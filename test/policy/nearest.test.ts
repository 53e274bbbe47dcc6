import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COUNTRIES } from '../../src/policy/countries.ts';
import { FACTS } from '../../src/policy/known-facts.ts';
import { meantBy, nearest } from '../../src/policy/nearest.ts';
import { LEGAL_BASES } from '../../src/policy/vocabulary.ts';
import { DATA_CATEGORIES, PREFERENCES } from '../support/words.ts';

test.each<[word: string, words: Iterable<string>, meant: string | undefined]>([
  ['E-Mail', DATA_CATEGORIES, 'EMAIL'],
  ['email', DATA_CATEGORIES, 'EMAIL'],
  ['emial', DATA_CATEGORIES, 'EMAIL'],
  ['POSTAL_ADRESS', DATA_CATEGORIES, 'POSTAL_ADDRESS'],
  ['adTarget', PREFERENCES, 'adTargeting'],
  ['openCase', Object.keys(FACTS), 'openPrivacyCase'],
  ['USA', COUNTRIES, 'US'],
  ['LEGITIMATE_INTERESTS', LEGAL_BASES, 'LEGITIMATE_INTEREST'],
  ['Mars', COUNTRIES, undefined],
  ['XX', COUNTRIES, undefined],
  ['spam', PREFERENCES, undefined],
  ['', PREFERENCES, undefined],
  ['---', PREFERENCES, undefined],
])('%j of a list means %3$j', (word, words, meant) => expect(nearest(word, words)).toBe(meant));

test('only a text is taken for another word', () => {
  expect(meantBy('emial', DATA_CATEGORIES)).toBe('; did you mean EMAIL?');
  expect(meantBy(7, DATA_CATEGORIES)).toBe('');
});

test('a word of the list is nearest to itself, and one that is found is of the list', () =>
  fc.assert(
    fc.property(fc.constantFrom(...DATA_CATEGORIES), fc.string(), (category, word) => {
      expect(nearest(category, DATA_CATEGORIES)).toBe(category);
      expect([undefined, ...DATA_CATEGORIES]).toContain(nearest(word, DATA_CATEGORIES));
    }),
  ));
