import { type Clause, maskOfCategories, type Policy, type Purpose, type Reveal } from './clause.ts';
import type { DecisionTable } from './compile.ts';
import { holdsFrom } from './compile-at.ts';
import { describe } from './condition.ts';
import type { FieldsOf } from './diff-words.ts';
import { forbidsOf } from './forbids.ts';
import { conditionInWords, type MatrixRow, matrixOf, naming, partnersInWords } from './matrix.ts';
import { AUDIENCE_SAYS, type DataCategory, idsOf, staffAudience } from './vocabulary.ts';

/** A version of a policy for readers, without personal data. */

/** ANNOUNCED: it is posted and does not hold yet. */
export type Standing = 'EARLIER' | 'IN_FORCE' | 'ANNOUNCED';

/** One reveal or forbid of a clause, in words. */
export interface RulingView {
  readonly to: string;
  /** Null: for every purpose. */
  readonly purposes: readonly string[] | null;
  readonly categories: string;
  /** Null if there is no condition. */
  readonly onlyIf: string | null;
}

export interface ClauseView
  extends Pick<Clause, 'id' | 'section' | 'summary' | 'kind' | 'reading' | 'narrowing' | 'inference' | 'legalBasis'> {
  readonly conflict: Clause['conflict'];
  readonly reveals: readonly RulingView[];
  readonly forbids: readonly RulingView[];
}

interface Word {
  readonly id: string;
  readonly says: string;
}

export interface PolicyView extends Pick<Policy, 'version' | 'title' | 'publisher'> {
  readonly standing: Standing;
  readonly postedAt: Date | null;
  /** The time from which it holds; null if it held from its posting. */
  readonly holdsFrom: Date | null;
  readonly clauses: readonly ClauseView[];
  readonly matrix: readonly MatrixRow[];
  /** The common condition of all reveals to partners. */
  readonly partners: string;
  readonly categories: readonly (Word & { readonly id: DataCategory; readonly fields: readonly string[] })[];
  readonly recipients: readonly Word[];
  readonly purposes: readonly Word[];
}

const revealInWords = (policy: Policy, reveal: Reveal): RulingView => ({
  to: reveal.to,
  purposes: reveal.purposes ?? null,
  categories: naming(policy, maskOfCategories(policy, reveal)),
  onlyIf: conditionInWords(policy, reveal) || null,
});

const forbidsInWords = (policy: Policy, clause: Clause): RulingView[] =>
  forbidsOf({ clauses: [clause] }).map(({ to, purposes, mask, when }) => ({
    to,
    purposes: purposes ?? null,
    categories: naming(policy, mask),
    onlyIf: when === undefined ? null : describe(when),
  }));

const clauseInWords = (policy: Policy, clause: Clause): ClauseView => {
  const { id, section, summary, kind, reading, narrowing, inference, legalBasis, conflict } = clause;
  return {
    ...{ id, section, summary, kind, reading, narrowing, inference, legalBasis, conflict },
    reveals: clause.reveals.map((reveal) => revealInWords(policy, reveal)),
    forbids: forbidsInWords(policy, clause),
  };
};

const recipientsOf = ({ vocabulary, partnerKinds }: Policy): Word[] => [
  ...Object.entries(AUDIENCE_SAYS).map(([id, says]) => ({ id, says })),
  ...vocabulary.staff.map(({ id, says }) => ({ id: staffAudience(id), says })),
  ...partnerKinds.map(({ id, description }) => ({ id, says: description })),
];

const purposeWord = ({ id, description }: Purpose): Word => ({ id, says: description });

/** The standing of a version relative to the one in force. */
export function standingOf({ policies, current }: DecisionTable, { version }: Policy): Standing {
  const order = [...policies.keys()];
  const place = order.indexOf(version) - order.indexOf(current.version);
  if (place === 0) return 'IN_FORCE';
  return place < 0 ? 'EARLIER' : 'ANNOUNCED';
}

export const viewOf = (table: DecisionTable, policy: Policy, fieldsOf: FieldsOf): PolicyView => ({
  ...{ version: policy.version, title: policy.title, publisher: policy.publisher },
  standing: standingOf(table, policy),
  postedAt: table.postedAt.get(policy.version) ?? null,
  holdsFrom: holdsFrom(table, policy),
  clauses: policy.clauses.map((clause) => clauseInWords(policy, clause)),
  matrix: matrixOf(policy),
  partners: partnersInWords(policy),
  categories: policy.vocabulary.categories.map(({ id, says }) => ({ id, says, fields: fieldsOf(id) })),
  recipients: recipientsOf(policy),
  purposes: policy.purposes.map(purposeWord),
});

/** The recipients and purposes of a matrix's rows, each once. */
export const rowNamesOf = (matrix: readonly MatrixRow[]) => ({
  recipients: [...new Set(matrix.map(({ recipient }) => recipient))],
  purposes: [...new Set(matrix.flatMap(({ purpose }) => purpose ?? []))],
});

export const categoryIds = ({ categories }: PolicyView): DataCategory[] => idsOf(categories);
