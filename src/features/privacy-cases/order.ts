import type { Query } from '../../policy/filter.ts';
import type { CaseKind } from './cases.ts';

/** Where a case waits: its rank, the time by which it is due, and two keys that no other case has. */
export type Position = readonly [rank: number, due: number, place: string, id: string];

/** After every other day. */
const LATEST = new Date(8_640_000_000_000_000);

/** A text that needs no account and no verification waits behind all the others. */
export const rankOf = (kind: CaseKind): number => (kind === 'GUARDIAN_UNVERIFIED' ? 1 : 0);

/** A case of which nobody knows when it is due waits behind those of its rank. */
export const waitsUntil = (dueAt: Date | undefined): Date => dueAt ?? LATEST;

/** The same as an expression of the database. */
export const dueIn = (path: string): Query => ({ $cond: [{ $eq: [{ $type: path }, 'date'] }, path, LATEST] });

export const comparePositions = (a: Position, b: Position): number => {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at < 0 ? 0 : (a[at] as string) < (b[at] as string) ? -1 : 1;
};

/**
 * The filter for the cases after a position.
 *
 * @param fields  those that documents are sorted by, the first to decide first; `due` is a date
 */
export function beyond(
  [rank, due, place, id]: Position,
  fields: readonly ['rank', 'due', '_id'] | readonly ['due', '_id', 'case.id'],
): Query {
  const values: Readonly<Record<string, unknown>> = { rank, due: new Date(due), _id: place, 'case.id': id };
  return {
    $or: fields.map((field, index) => ({
      ...Object.fromEntries(fields.slice(0, index).map((earlier) => [earlier, values[earlier]])),
      [field]: { $gt: values[field] },
    })),
  };
}
