import type { Policy } from './clause.ts';
import { groupBy } from './group-by.ts';
import { type Line, linesOf } from './lines.ts';
import { alignColumns } from './text-table.ts';
import { bitOf, DATA_CATEGORIES, type DataCategory, FIRST_PARTY_AUDIENCES } from './vocabulary.ts';

/** What one recipient may come to see for one purpose, whatever the conditions. */
export interface MatrixRow {
  /** SELF, VISITOR, MEMBER, STAFF_<role> or a partner kind. */
  readonly recipient: string;
  /** Null: whatever the purpose, also none. */
  readonly purpose: string | null;
  readonly cells: readonly MatrixCell[];
}

export interface MatrixCell {
  readonly category: DataCategory;
  /** The ids of the clauses that reveal it, in the policy's order. */
  readonly clauses: readonly string[];
}

const cellsOf = (lines: readonly Line[]): MatrixCell[] =>
  DATA_CATEGORIES.map((category) => ({
    category,
    clauses: [...new Set(lines.filter(({ mask }) => mask & bitOf(category)).map(({ clause }) => clause.id))],
  })).filter(({ clauses }) => clauses.length > 0);

/** Recipients by purposes by categories: our own callers first, then partners in the policy's order. */
export function matrixOf(policy: Policy): MatrixRow[] {
  const byRecipient = groupBy(linesOf(policy), ({ recipient }) => recipient);
  const recipients = [...FIRST_PARTY_AUDIENCES, ...policy.partnerKinds.map(({ id }) => id)];
  return recipients.flatMap((recipient) => {
    const byPurpose = groupBy(byRecipient.get(recipient) ?? [], ({ purpose }) => purpose);
    return [...byPurpose].map(([purpose, lines]) => ({ recipient, purpose, cells: cellsOf(lines) }));
  });
}

const NOTHING: readonly [string, readonly MatrixCell[]] = ['', []];

/** The matrix for people: a line for each set of clauses, with what it reveals. */
export function matrixText(rows: readonly MatrixRow[]): string {
  const lines = rows.flatMap(({ recipient, purpose, cells }) => {
    const groups = [...groupBy(cells, ({ clauses }) => clauses.join(', '))];
    return (groups.length > 0 ? groups : [NOTHING]).map(([clauses, group], index) => [
      index === 0 ? recipient : '',
      index === 0 ? (purpose ?? '(any)') : '',
      clauses,
      naming(group.map(({ category }) => category)),
    ]);
  });
  return alignColumns([['RECIPIENT', 'PURPOSE', 'CLAUSES', 'CATEGORIES'], ...lines]);
}

const FEW = 4;

/** Categories in words; nearly all of them by the few that are missing. */
export function naming(categories: readonly DataCategory[]): string {
  if (categories.length === 0) return '(nothing)';
  const missing = DATA_CATEGORIES.filter((category) => !categories.includes(category));
  if (missing.length === 0) return 'everything';
  return missing.length <= FEW ? `everything but ${missing.join(', ')}` : categories.join(', ');
}
