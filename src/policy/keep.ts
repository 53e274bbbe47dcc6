import { DAY, HOUR } from '../base/durations.ts';
import { monthsAfter } from '../base/months.ts';

/** The retention time of a value, in the words of a vocabulary: `12 months`. */
export interface Keep {
  readonly count: number;
  readonly unit: (typeof UNITS)[number];
}

const UNITS = ['hours', 'days', 'months', 'years'] as const;

export const KEEP_FORM = `a whole number of ${UNITS.slice(0, -1).join(', ')} or ${UNITS.at(-1)}, such as 12 months`;

/** At most four digits, so that every end is a valid date. */
const KEEP = /^([1-9]\d{0,3}) (hour|day|month|year)s?$/;

/** @returns null for a text that is no such time */
export function parseKeep(text: string): Keep | null {
  const [, count = '', unit = ''] = KEEP.exec(text) ?? [];
  return count === '' ? null : { count: Number(count), unit: `${unit}s` as Keep['unit'] };
}

/** The time in the words of a vocabulary. */
export const keepText = ({ count, unit }: Keep): string => `${count} ${count === 1 ? unit.slice(0, -1) : unit}`;

/** The last day of the month of an instant, UTC. */
const lastDayOf = (at: Date) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();

const isByMonth = ({ unit }: Keep): boolean => unit === 'months' || unit === 'years';

/**
 * Every value that counts from this instant or earlier has ended at `now`. If a month lacks the day, the time ends on
 * its last day.
 */
export function everyEnded(keep: Keep, now: Date): Date {
  const { count, unit } = keep;
  if (!isByMonth(keep)) return new Date(now.getTime() - count * (unit === 'days' ? DAY : HOUR));
  const from = monthsAfter(now, unit === 'years' ? -12 * count : -count);
  if (now.getUTCDate() > lastDayOf(from)) from.setUTCHours(23, 59, 59, 999);
  return from;
}

/**
 * The last start of a time that has ended at `now`: the inverse of {@link endOfKeep}. On the last day of a month it is
 * later than {@link everyEnded}: values of several days end on that day, each at its own hour.
 */
export function lastEnded(keep: Keep, now: Date): Date {
  const from = everyEnded(keep, now);
  if (isByMonth(keep) && now.getUTCDate() === lastDayOf(now)) from.setUTCDate(lastDayOf(from));
  return from;
}

/** The end of a retention time. Hours and days have a fixed length; months and years follow the calendar. */
export function endOfKeep({ count, unit }: Keep, from: Date): Date {
  switch (unit) {
    case 'hours':
      return new Date(from.getTime() + count * HOUR);
    case 'days':
      return new Date(from.getTime() + count * DAY);
    case 'months':
      return monthsAfter(from, count);
    case 'years':
      return monthsAfter(from, 12 * count);
  }
}
