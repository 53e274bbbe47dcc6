import type { CaseKind } from './cases.ts';

/** Where a case waits: its rank, the time by which it is due, and two keys that no other case has. */
export type Position = readonly [rank: number, due: number, place: string, id: string];

/** After every other day: the place of a case without a day. */
export const LATEST = new Date(8_640_000_000_000_000);

/** A text that needs no account and no verification waits behind all the others. */
export const rankOf = (kind: CaseKind): number => (kind === 'GUARDIAN_UNVERIFIED' ? 1 : 0);

/** A case without a day waits behind those of its rank. */
export const waitsUntil = (dueAt: Date | undefined): Date => dueAt ?? LATEST;

export const comparePositions = (a: Position, b: Position): number => {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : (a[at] as string) < (b[at] as string) ? -1 : 1;
};
