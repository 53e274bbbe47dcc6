import { HOUR } from './durations.ts';
import { monthsAfter } from './months.ts';

/** How far behind UTC the last place is that a day reaches. */
const LAST_PLACE = 12 * HOUR;

/** The calendar date, as midnight UTC, that has begun everywhere on Earth. */
export function dateEverywhere(at: Date): Date {
  const date = new Date(at.getTime() - LAST_PLACE);
  date.setUTCHours(0, 0, 0, 0);
  return date;
}

/**
 * The latest date of birth, as midnight UTC, of people of an age on a calendar date. Every rule about an
 * age comes down to this; rules differ in the date alone. Accounts go by the date where the person lives. Decisions go by
 * the date that has begun everywhere: a filter of the database asks for one date of birth, whatever the country.
 */
export const latestBirth = (years: number, today: Date): Date => monthsAfter(today, -12 * years);
