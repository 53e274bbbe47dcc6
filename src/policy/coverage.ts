import type { Policy } from './clause.ts';
import { linesOf } from './lines.ts';
import { alignColumns } from './text-table.ts';

/** The coverage of one clause: its rules, its operations, and the tests and cases that name it. */
export interface ClauseCoverage {
  readonly clause: string;
  /** Empty for a clause that the policy does not hold. */
  readonly kind: string;
  readonly rules: readonly string[];
  readonly operations: readonly string[];
  readonly tests: readonly string[];
  /** The missing parts; empty if the clause is covered. */
  readonly lacks: readonly string[];
}

/** By clause id: the places that name it. */
export type Mentions = ReadonlyMap<string, readonly string[]>;

const TITLE = /^([a-z]+\.[a-z-]+(?:, [a-z]+\.[a-z-]+)*): /;

/** The clauses that the title of a test names, before its first colon. */
export const clausesIn = (title: string): string[] => TITLE.exec(title)?.[1]?.split(', ') ?? [];

/** The structure of the schema alone may keep clauses of these kinds; a test then shows it. */
const KEPT_BY_STRUCTURE = ['limit', 'duty'];

/**
 * The coverage of every clause of a policy, and then every unknown clause that a test names.
 *
 * @param operations  all existing operations
 */
export function coverageOf(policy: Policy, operations: ReadonlySet<string>, tests: Mentions): ClauseCoverage[] {
  const lines = linesOf(policy);
  const held = new Set(policy.clauses.map(({ id }) => id));
  const strays = [...tests.keys()].filter((id) => !held.has(id)).sort();
  const stray = (id: string): ClauseCoverage => ({
    ...{ clause: id, kind: '', rules: [], operations: [] },
    tests: tests.get(id) ?? [],
    lacks: ['a clause of the policy'],
  });
  const covered = policy.clauses.map(({ id, kind, servedBy }): ClauseCoverage => {
    const rules = lines
      .filter(({ clause }) => clause.id === id)
      .map(({ recipient, purpose }) => (purpose === null ? recipient : `${recipient} for ${purpose}`));
    const named = tests.get(id) ?? [];
    const missing = servedBy.filter((operation) => !operations.has(operation));
    const needsCode = kind.some((word) => !KEPT_BY_STRUCTURE.includes(word));
    return {
      clause: id,
      kind: kind.join(' + '),
      rules,
      operations: servedBy,
      tests: named,
      lacks: [
        ...(needsCode && rules.length + servedBy.length === 0 ? ['a rule or an operation'] : []),
        ...missing.map((operation) => `the operation ${operation}`),
        ...(named.length === 0 ? ['a test'] : []),
      ],
    };
  });
  return [...covered, ...strays.map(stray)];
}

const FEW = 3;
const short = (items: readonly string[]) =>
  items.length <= FEW ? items.join(', ') : `${items.slice(0, FEW).join(', ')} and ${items.length - FEW} more`;

/** Coverage for people: a line for each clause with its missing parts, and the total. */
export function coverageText(rows: readonly ClauseCoverage[]): string {
  const covered = rows.filter(({ lacks }) => lacks.length === 0).length;
  return [
    alignColumns([
      ['CLAUSE', 'KIND', 'RULES', 'OPERATIONS', 'TESTS'],
      ...rows.map(({ clause, kind, rules, operations, tests, lacks }) => [
        clause,
        kind,
        short(rules),
        short(operations),
        lacks.length > 0 ? `LACKS ${lacks.join(' and ')}` : short(tests),
      ]),
    ]),
    '',
    `${covered} of ${rows.length} clauses are served and tested`,
  ].join('\n');
}
