import { HOUR } from './durations.ts';
import { monthsAfter } from './months.ts';

/** A day reaches its last place on Earth this long after it begins in UTC. */
const LAST_PLACE = 12 * HOUR;

/** The calendar date, as midnight UTC, that has begun everywhere on Earth. */
export function dateEverywhere(at: Date): Date {
  const date = new Date(at.getTime() - LAST_PLACE);
  date.setUTCHours(0, 0, 0, 0);
  return date;
}

/**
 * The latest date of birth, as midnight UTC, of people of an age on a calendar date. Every rule about an age uses this
 * function; the rules differ in the date alone. Accounts go by the date where the person lives. Decisions go by the date
 * that has begun everywhere, because a database filter asks for one date of birth in all countries.
 */
export const latestBirth = (years: number, today: Date): Date => monthsAfter(today, -12 * years);
