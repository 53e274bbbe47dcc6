/** How much a finding matters: only a FAULT has to be mended before a gateway may rely on the database. */
export const LEVELS = ['ok', 'note', 'warning', 'FAULT'] as const;
export type Level = (typeof LEVELS)[number];

/** One line of the report of a check. It names servers, collections, indexes and options, and no value of anybody. */
export interface Finding {
  readonly level: Level;
  readonly subject: string;
  /** What was found, in words. */
  readonly found: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly advice: string;
}

const of =
  (level: Level) =>
  (subject: string, found: string, advice = ''): Finding => ({ level, subject, found, advice });

export const ok = of('ok');
export const note = of('note');
export const warning = of('warning');
export const fault = of('FAULT');

/** A count and its noun: `1 member`, `3 members`. */
export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
