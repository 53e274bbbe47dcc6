import { isRecord } from '../base/records.ts';
import type { Derivation } from '../policy/vocabulary.ts';
import { ageBandOf, ageOn } from './age.ts';

const LAST_FOUR = 4;

const textOr = (value: unknown, make: (text: string) => unknown): unknown =>
  typeof value === 'string' && value !== '' ? make(value) : null;

const initialOf = (word: string) => `${Array.from(word)[0] ?? ''}.`;

const ageOf = (value: unknown, on: Date) => (typeof value === 'string' ? ageOn(value, on) : null);

/**
 * The value made from the value of another category; null where nothing can be made of it.
 *
 * @param day  the day that ages are told as of
 */
export function derive(as: Derivation, value: unknown, day: Date): unknown {
  if (typeof as === 'object') return isRecord(value) ? (value[as.part] ?? null) : null;
  switch (as) {
    case 'age':
      return ageOf(value, day);
    case 'ageBand': {
      const age = ageOf(value, day);
      return age === null ? null : ageBandOf(age);
    }
    case 'year':
      return textOr(value, (text) => Number(text.slice(0, 4)));
    case 'initials':
      return textOr(value, (text) => text.trim().split(/\s+/).map(initialOf).join(' '));
    case 'domain':
      return textOr(value, (text) => text.slice(text.lastIndexOf('@') + 1));
    case 'lastFour':
      // of a short one the last four would be most of it
      return textOr(value, (text) => (text.length >= 2 * LAST_FOUR ? text.slice(-LAST_FOUR) : null));
    case 'count':
      return Array.isArray(value) ? value.length : null;
  }
}
