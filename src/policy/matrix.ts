import { groupBy } from '../base/group-by.ts';
import type { Policy, Reveal } from './clause.ts';
import { conditionOf } from './compile.ts';
import { ALWAYS, type Condition, describe } from './condition.ts';
import { spelledOut } from './guardians.ts';
import { type Line, linesOf } from './lines.ts';
import { alignColumns } from './text-table.ts';
import {
  type CategoryMask,
  categoriesIn,
  type DataCategory,
  firstPartyAudiences,
  idsOf,
  isFirstParty,
  isIn,
  NO_CATEGORIES,
} from './vocabulary.ts';

/** The most that one recipient may see for one purpose. */
export interface MatrixRow {
  /** SELF, VISITOR, MEMBER, STAFF_<role> or a partner kind. */
  readonly recipient: string;
  /** Null: for every purpose, also for none. */
  readonly purpose: string | null;
  readonly cells: readonly MatrixCell[];
}

export interface MatrixCell {
  readonly category: DataCategory;
  /** The ids of the clauses that reveal it, in the policy's order. */
  readonly clauses: readonly string[];
  /** The conditions, in words: one of them is enough. Empty if there is no condition. */
  readonly conditions: readonly string[];
}

/** The condition of a reveal, in words; for a partner without the requirements for all partners. */
export const conditionInWords = (policy: Policy, reveal: Reveal): string => {
  const condition = isFirstParty(reveal.to) ? conditionOf(policy, reveal) : spelledOut(policy, reveal.when);
  const named = 'namedBy' in reveal.categories ? ', and names the category' : '';
  return isAlways(condition) ? '' : `${describe(condition)}${named}`;
};

const isAlways = (condition: Condition): boolean => 'all' in condition && condition.all.every(isAlways);

const distinct = (words: readonly string[]) => [...new Set(words)];

const cellsOf = (policy: Policy, lines: readonly Line[]): MatrixCell[] =>
  idsOf(policy.vocabulary.categories)
    .map((category) => {
      const own = lines.filter(({ mask }) => isIn(mask, category));
      const conditions = distinct(own.map(({ reveal }) => conditionInWords(policy, reveal)));
      return {
        category,
        clauses: distinct(own.map(({ clause }) => clause.id)),
        conditions: conditions.includes('') ? [] : conditions,
      };
    })
    .filter(({ clauses }) => clauses.length > 0);

/** The lines of each recipient: our own callers first, then partners in the policy's order. */
const byRecipient = (policy: Policy): (readonly [recipient: string, lines: readonly Line[]])[] => {
  const lines = groupBy(linesOf(policy), ({ recipient }) => recipient);
  const recipients = [...firstPartyAudiences(policy.vocabulary), ...policy.partnerKinds.map(({ id }) => id)];
  return recipients.map((recipient) => [recipient, lines.get(recipient) ?? []]);
};

/** Recipients by purposes by categories. */
export const matrixOf = (policy: Policy): MatrixRow[] =>
  byRecipient(policy).flatMap(([recipient, lines]) =>
    [...groupBy(lines, ({ purpose }) => purpose)].map(([purpose, own]) => ({
      ...{ recipient, purpose },
      cells: cellsOf(policy, own),
    })),
  );

/** One row of the table for people: the categories shown on one condition. */
interface TableRow {
  readonly recipient: string;
  readonly purposes: readonly string[];
  readonly mask: CategoryMask;
  readonly condition: string;
  readonly clauses: readonly string[];
}

const tableRowsOf = (policy: Policy): TableRow[] =>
  byRecipient(policy).flatMap(([recipient, lines]) => {
    const keyed = lines.map((line) => ({ line, condition: conditionInWords(policy, line.reveal) }));
    const alike = groupBy(keyed, ({ line, condition }) => JSON.stringify([line.purpose, condition]));
    const rows = [...alike.values()].map((group) => ({
      recipient,
      purpose: group[0]?.line.purpose ?? null,
      condition: group[0]?.condition ?? '',
      mask: group.reduce((mask, { line }) => mask | line.mask, NO_CATEGORIES),
      clauses: distinct(group.map(({ line }) => line.clause.id)),
    }));
    const sameButPurpose = groupBy(rows, ({ mask, condition, clauses }) =>
      JSON.stringify([mask.toString(), condition, clauses]),
    );
    return [...sameButPurpose.values()].flatMap((group) =>
      group.slice(0, 1).map((row) => ({ ...row, purposes: group.flatMap(({ purpose }) => purpose ?? []) })),
    );
  });

/** The common condition of all reveals to partners, as a sentence. */
export const partnersInWords = (policy: Policy): string =>
  `To a partner, each asks besides that ${describe(conditionOf(policy, { ...ANY_REVEAL, to: 'ANY_PARTNER' }))}.`;

const ANY_REVEAL: Omit<Reveal, 'to'> = { categories: [], when: ALWAYS, recordedAs: 'CALLER' };

const HEADER = ['Caller', 'For', 'May see', 'Clause', 'Only if'] as const;

/** The matrix for people, a line for each condition. */
export const matrixText = (policy: Policy): string =>
  [
    alignColumns([
      HEADER.map((word) => word.toUpperCase()),
      ...tableRowsOf(policy).map(({ recipient, purposes, mask, condition, clauses }) => [
        recipient,
        purposes.join(', ') || '(any)',
        naming(policy, mask),
        clauses.join(', '),
        condition,
      ]),
    ]),
    '',
    partnersInWords(policy),
  ].join('\n');

/** The same in Markdown. */
export const matrixMarkdown = (policy: Policy): string => {
  const code = (word: string) => `\`${word}\``;
  const rows = tableRowsOf(policy).map(({ recipient, purposes, mask, condition, clauses }) => [
    code(recipient),
    purposes.map(code).join(', ') || '(any)',
    naming(policy, mask),
    clauses.join(', '),
    condition,
  ]);
  const table = [[...HEADER], HEADER.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return [...table, '', partnersInWords(policy)].join('\n');
};

const FEW = 4;

/** Categories in words; if only a few are missing, these as exceptions. */
export function naming({ vocabulary }: Policy, mask: CategoryMask): string {
  const categories = categoriesIn(vocabulary, mask);
  if (categories.length === 0) return '(nothing)';
  const missing = idsOf(vocabulary.categories).filter((category) => !categories.includes(category));
  if (missing.length === 0) return 'everything';
  return missing.length <= FEW ? `everything but ${missing.join(', ')}` : categories.join(', ');
}
