import { DAY, HOUR } from '../base/durations.ts';

/** The time for which a value is kept, as a vocabulary says it: `12 months`. */
export interface Keep {
  readonly count: number;
  readonly unit: (typeof UNITS)[number];
}

const UNITS = ['hours', 'days', 'months', 'years'] as const;

export const KEEP_FORM = `a whole number of ${UNITS.slice(0, -1).join(', ')} or ${UNITS.at(-1)}, such as 12 months`;

/** Four digits at most, so that every end is a date that the calendar has. */
const KEEP = /^([1-9]\d{0,3}) (hour|day|month|year)s?$/;

/** @returns null for a text that is no such time */
export function parseKeep(text: string): Keep | null {
  const [, count = '', unit = ''] = KEEP.exec(text) ?? [];
  return count === '' ? null : { count: Number(count), unit: `${unit}s` as Keep['unit'] };
}

/** The time as a vocabulary says it. */
export const keepText = ({ count, unit }: Keep): string => `${count} ${count === 1 ? unit.slice(0, -1) : unit}`;

/** So many calendar months later, UTC. A day that the month lacks is the last day of the month. */
function monthsAfter(from: Date, months: number): Date {
  const first = new Date(from);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() + months);
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(from.getUTCDate(), last));
  return first;
}

/** The first instant at which a value is kept no longer. Hours and days have one length; months and years follow the calendar. */
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
