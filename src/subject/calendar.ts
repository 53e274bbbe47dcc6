import { z } from 'zod';

/** The years that an instant or a date can lie in: nobody alive was born before, and no contract ends after. */
const YEARS = { first: 1900, last: 2200 } as const;

const DATE = z.iso.date();
const INSTANT = z.iso.datetime({ offset: true });

const isInYears = (instant: Date) => instant.getUTCFullYear() >= YEARS.first && instant.getUTCFullYear() <= YEARS.last;

/** The expected form of an instant, and of a date, for messages. */
export const EXPECTED = {
  instant:
    'an RFC 3339 instant with `Z` or an offset, ' +
    `from the year ${YEARS.first} to ${YEARS.last}, such as 2026-01-31T12:00:00Z`,
  date: `a calendar date from the year ${YEARS.first} to ${YEARS.last}, such as 1990-02-03`,
} as const;

/** Whether a text is a day of the calendar, `YYYY-MM-DD` (RFC 3339, `full-date`), in a year that can be meant. */
export const isDate = (text: string): boolean => DATE.safeParse(text).success && isInYears(new Date(text));

/**
 * The instant that a text names (RFC 3339, `date-time`); null for none, and for a year that can't be meant. A zone has to
 * be given. A leap second is none, since times here have no place for it. Digits beyond milliseconds are cut off.
 */
export function parseInstant(text: string): Date | null {
  // the letters may be small (RFC 3339, section 5.6)
  const upper = text.toUpperCase();
  if (!INSTANT.safeParse(upper).success) return null;
  const instant = new Date(upper);
  return isInYears(instant) ? instant : null;
}
