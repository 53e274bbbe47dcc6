/** The severity of a finding: only a FAULT must be fixed before a gateway may rely on the database. */
export const LEVELS = ['ok', 'note', 'warning', 'FAULT'] as const;
export type Level = (typeof LEVELS)[number];

/** One line of the report of a check. It names servers, collections, indexes and options, and no personal value. */
export interface Finding {
  readonly level: Level;
  readonly subject: string;
  /** The finding, in words. */
  readonly found: string;
  /** The advice; empty if nothing has to be done. */
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
