import canonicalize from 'canonicalize';
import type { Policy } from './clause.ts';
import { conditionOf } from './compile.ts';
import { groupBy } from './group-by.ts';
import { type Line, linesOf } from './lines.ts';
import { categoriesOf, type DataCategory } from './vocabulary.ts';

/** What a later version of a policy changes, found by comparing what the two state. */
export interface PolicyDiff {
  /** Ids of clauses. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly ClauseChange[];
  /** Everything else of the policy that differs, by its key in the file: `noticeHours`, `defaults` ... */
  readonly settings: readonly string[];
  readonly visibility: readonly VisibilityChange[];
}

export interface ClauseChange {
  readonly id: string;
  /** The keys of the clause that differ. */
  readonly parts: readonly string[];
}

export interface VisibilityChange {
  /** SELF, VISITOR, MEMBER, STAFF_<role> or a partner kind. */
  readonly recipient: string;
  /** Null: whatever the purpose, also none. */
  readonly purpose: string | null;
  readonly category: DataCategory;
  /** CONDITIONED: shown before and after, but on other conditions. */
  readonly change: 'REVEALED' | 'HIDDEN' | 'CONDITIONED';
}

/**
 * Compares two versions of a policy.
 *
 * @param before  the version that a person accepted, say
 * @param after  the version that they are asked to accept
 */
export function diffPolicies(before: Policy, after: Policy): PolicyDiff {
  const was = new Map(before.clauses.map((clause) => [clause.id, clause]));
  const will = new Map(after.clauses.map((clause) => [clause.id, clause]));
  return {
    added: [...will.keys()].filter((id) => !was.has(id)),
    removed: [...was.keys()].filter((id) => !will.has(id)),
    changed: after.clauses.flatMap((clause) => {
      const parts = differingKeys(was.get(clause.id) ?? clause, clause);
      return parts.length > 0 ? [{ id: clause.id, parts }] : [];
    }),
    settings: differingKeys(before, after).filter((key) => key !== 'version' && key !== 'clauses'),
    visibility: visibilityChanges(before, after),
  };
}

const differingKeys = (before: object, after: object): string[] => {
  const was = new Map<string, unknown>(Object.entries(before));
  const will = new Map<string, unknown>(Object.entries(after));
  return [...new Set([...was.keys(), ...will.keys()])].filter((key) => differ(was.get(key), will.get(key)));
};

const differ = (one: unknown, other: unknown) => canonicalize(one) !== canonicalize(other);

/** One recipient, purpose and category, and every set of terms on which a policy reveals it. */
interface Cell extends Omit<VisibilityChange, 'change'> {
  readonly terms: readonly string[];
}

function visibilityChanges(before: Policy, after: Policy): VisibilityChange[] {
  const was = cellsOf(before);
  const will = cellsOf(after);
  return [...new Set([...will.keys(), ...was.keys()])].flatMap((key) => {
    const [old, now] = [was.get(key), will.get(key)];
    const cell = now ?? old;
    if (!cell || (old && now && !differ(old.terms, now.terms))) return [];
    const { recipient, purpose, category } = cell;
    return [{ recipient, purpose, category, change: old ? (now ? 'CONDITIONED' : 'HIDDEN') : 'REVEALED' } as const];
  });
}

function cellsOf(policy: Policy): Map<string, Cell> {
  const shown = linesOf(policy).flatMap((line) => categoriesOf(line.mask).map((category) => ({ line, category })));
  const byCell = groupBy(shown, ({ line, category }) => `${line.recipient} ${line.purpose ?? ''} ${category}`);
  return new Map(
    [...byCell].flatMap(([key, group]) => {
      const terms = [...new Set(group.map(({ line }) => termsOf(policy, line)))].sort();
      return group
        .slice(0, 1)
        .map(({ line: { recipient, purpose }, category }) => [key, { recipient, purpose, category, terms }]);
    }),
  );
}

/** All that decides whom a line holds for, whichever clause it stands in. */
const termsOf = (policy: Policy, { clause, reveal }: Line) =>
  canonicalize({
    condition: conditionOf(policy, reveal),
    judgedUnder: clause.judgedUnder,
    namedBy: 'namedBy' in reveal.categories,
  }) as string;
