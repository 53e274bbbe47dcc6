import canonicalize from 'canonicalize';
import { groupBy } from '../base/group-by.ts';
import type { Clause, Policy } from './clause.ts';
import { conditionOf } from './compile.ts';
import { conjunctsOf, describe } from './condition.ts';
import { type CellName, createComparison, type Effect, effectOf } from './effect.ts';
import { type Line, linesOf } from './lines.ts';
import { settingDifferences } from './settings.ts';
import { categoriesIn } from './vocabulary.ts';

/** The changes of a later version of a policy: in its statements and in the data that it reveals. */
export interface PolicyDiff {
  readonly versions: { readonly from: string; readonly to: string };
  readonly clauses: readonly ClauseChange[];
  /** Whether the common clauses stand in another order. */
  readonly reordered: boolean;
  /** Everything else of the policy that differs. */
  readonly settings: readonly SettingChange[];
  readonly visibility: readonly VisibilityChange[];
}

export interface ClauseChange {
  readonly id: string;
  readonly change: 'ADDED' | 'REMOVED' | 'CHANGED';
  /** The effect of this clause alone on the earlier version. */
  readonly effect: Effect;
  /** The keys of the clause that differ; empty for a new or removed clause. */
  readonly parts: readonly PartChange[];
}

export interface PartChange {
  readonly key: string;
  readonly from: unknown;
  readonly to: unknown;
}

export interface SettingChange {
  /** Where it stands: `noticeHours`, `defaults.preferences.adTargeting`, `purposes.billing.promotional`. */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  /** The effect of this setting alone on the earlier version. */
  readonly effect: Effect;
}

export interface VisibilityChange extends CellName {
  /** CONDITIONED: shown before and after, but on other conditions. */
  readonly change: 'REVEALED' | 'HIDDEN' | 'CONDITIONED';
  readonly effect: Effect;
  /** Dropped and added conditions, in words. */
  readonly dropped: readonly string[];
  readonly added: readonly string[];
}

/**
 * Compares two versions of a policy.
 *
 * @param before  for example the version that a person accepted
 * @param after  for example the version that waits for their acceptance
 */
export function diffPolicies(before: Policy, after: Policy): PolicyDiff {
  return {
    versions: { from: before.version, to: after.version },
    clauses: clauseChanges(before, after),
    reordered: areReordered(before.clauses, after.clauses),
    settings: [...settingDifferences(before, after)].map(({ alone, ...difference }) => ({
      ...difference,
      effect: effectOf(before, alone),
    })),
    visibility: visibilityChanges(before, after),
  };
}

function clauseChanges(before: Policy, after: Policy): ClauseChange[] {
  const was = new Map(before.clauses.map((clause) => [clause.id, clause]));
  const will = new Map(after.clauses.map((clause) => [clause.id, clause]));
  const effectWith = (clauses: readonly Clause[]) => effectOf(before, { ...before, clauses: [...clauses] });
  const added = after.clauses
    .filter(({ id }) => !was.has(id))
    .map((clause) => ({
      ...{ id: clause.id, change: 'ADDED' as const, parts: [] },
      effect: effectWith([...before.clauses, clause]),
    }));
  const removed = before.clauses
    .filter(({ id }) => !will.has(id))
    .map((clause) => ({
      ...{ id: clause.id, change: 'REMOVED' as const, parts: [] },
      effect: effectWith(before.clauses.filter((other) => other !== clause)),
    }));
  const changed = after.clauses.flatMap((clause) => {
    const parts = partChanges(was.get(clause.id) ?? clause, clause);
    if (parts.length === 0) return [];
    const replaced = before.clauses.map((other) => (other.id === clause.id ? clause : other));
    return [{ id: clause.id, change: 'CHANGED' as const, parts, effect: effectWith(replaced) }];
  });
  return [...added, ...removed, ...changed];
}

const partChanges = (before: object, after: object): PartChange[] => {
  const was = new Map<string, unknown>(Object.entries(before));
  const will = new Map<string, unknown>(Object.entries(after));
  return [...new Set([...was.keys(), ...will.keys()])]
    .map((key) => ({ key, from: was.get(key), to: will.get(key) }))
    .filter(({ from, to }) => differ(from, to));
};

const differ = (one: unknown, other: unknown) => canonicalize(one) !== canonicalize(other);

const areReordered = (before: readonly Clause[], after: readonly Clause[]): boolean => {
  const common = (clauses: readonly Clause[], others: readonly Clause[]) =>
    clauses.map(({ id }) => id).filter((id) => others.some((other) => other.id === id));
  return differ(common(before, after), common(after, before));
};

/** One recipient, purpose and category, and every set of terms on which a policy reveals it. */
interface Cell extends CellName {
  readonly terms: readonly Terms[];
}

/** All conditions for one line of a policy; they must hold together. Its clause makes no difference. */
type Terms = readonly Term[];

interface Term {
  readonly key: string;
  readonly says: string;
}

function visibilityChanges(before: Policy, after: Policy): VisibilityChange[] {
  const { effectOn } = createComparison(before, after);
  const was = cellsOf(before);
  const will = cellsOf(after);
  return [...new Set([...will.keys(), ...was.keys()])].flatMap((key) => {
    const [old, now] = [was.get(key), will.get(key)];
    const cell = now ?? old;
    if (!cell || (old && now && !differ(keysOf(old), keysOf(now)))) return [];
    const { recipient, purpose, category } = cell;
    const change = old ? (now ? ('CONDITIONED' as const) : ('HIDDEN' as const)) : ('REVEALED' as const);
    const effect = effectOn({ recipient, purpose, category });
    return [{ recipient, purpose, category, change, effect, ...termChanges(old?.terms, now?.terms) }];
  });
}

const keysOf = ({ terms }: Cell) => terms.map((own) => own.map(({ key }) => key).sort()).sort();

function termChanges(before: readonly Terms[] | undefined, after: readonly Terms[] | undefined) {
  if (!before || !after) return { dropped: [], added: [] };
  const [was, will] = [together(before), together(after)];
  const only = (terms: Terms, others: Terms) =>
    terms.filter(({ key }) => !others.some((other) => other.key === key)).map(({ says }) => says);
  return { dropped: only(was, will), added: only(will, was) };
}

/** Joins several sets of terms: the shared terms, and one term for the alternatives that remain. */
function together(alternatives: readonly Terms[]): Terms {
  const has = (terms: Terms, { key }: Term) => terms.some((other) => other.key === key);
  const shared = (alternatives[0] ?? []).filter((term) => alternatives.every((terms) => has(terms, term)));
  const rests = alternatives.map((terms) => terms.filter((term) => !has(shared, term)));
  if (rests.some((rest) => rest.length === 0)) return shared;
  const says = rests.map((rest) => rest.map((term) => term.says).join(', and ')).join(', or ');
  return [...shared, { key: rests.map((rest) => rest.map(({ key }) => key).join()).join('|'), says: `either ${says}` }];
}

function cellsOf(policy: Policy): Map<string, Cell> {
  const shown = linesOf(policy).flatMap((line) => {
    const terms = termsOf(policy, line);
    return categoriesIn(policy.vocabulary, line.mask).map((category) => ({ line, category, terms }));
  });
  const byCell = groupBy(shown, ({ line, category }) => `${line.recipient} ${line.purpose ?? ''} ${category}`);
  return new Map(
    [...byCell].flatMap(([key, group]) => {
      const terms = [...new Map(group.map((one) => [canonicalize(one.terms), one.terms])).values()];
      return group
        .slice(0, 1)
        .map(({ line: { recipient, purpose }, category }) => [key, { recipient, purpose, category, terms }]);
    }),
  );
}

const termsOf = (policy: Policy, { clause, reveal }: Line): Terms => [
  ...conjunctsOf(conditionOf(policy, reveal)).map((condition) => ({
    key: canonicalize(condition) as string,
    says: describe(condition),
  })),
  ...(clause.judgedUnder === 'ACCEPTED'
    ? [{ key: 'accepted', says: 'the person has accepted a version with the clause' }]
    : []),
  ...('namedBy' in reveal.categories ? [{ key: 'named', says: 'a legal process in force names the category' }] : []),
];
