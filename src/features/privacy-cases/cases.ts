import { recordsIn } from '../../base/records.ts';
import type { Facts } from '../../policy/facts.ts';

/** A case as it stands in the person's record: their own, or a guardian's that staff has verified. */
export interface PrivacyCase {
  readonly id: string;
  readonly status: 'OPEN' | 'CLOSED';
  readonly from: 'SUBJECT' | 'GUARDIAN';
  readonly verified?: boolean;
  /** Left out where the record does not know. */
  readonly openedAt?: Date;
  readonly dueAt?: Date;
}

/** The kinds of case that wait for the privacy officer, by their source. */
export const CASE_KINDS = ['SUBJECT', 'GUARDIAN_VERIFIED', 'GUARDIAN_UNVERIFIED', 'FINDING'] as const;
export type CaseKind = (typeof CASE_KINDS)[number];

/** The texts of a case. */
export interface CaseText {
  /** The question, or the observation. */
  readonly message?: string;
  /** Where to answer a guardian. */
  readonly contact?: string;
  /** The child's avatar name as the guardian gave it, or the id as a member of staff gave it. */
  readonly child?: string;
  /** The guardian's proof, as staff put it down. */
  readonly proof?: string;
}

/** Open cases of one source that a person's record can hold. */
export const MOST_OPEN = 20;
/** Closed cases that the record keeps; an older one gives way, and stays in the ledger. */
const KEPT_CLOSED = 100;

export const casesOf = ({ privacyCases }: Facts): readonly PrivacyCase[] => recordsIn(privacyCases);

const isOpen = ({ status }: PrivacyCase) => status === 'OPEN';

/** Whether the person has opened a case themself that is not closed. */
export const hasOwnOpenCase = (facts: Facts): boolean =>
  casesOf(facts).some((known) => isOpen(known) && known.from === 'SUBJECT');

/** Whether a case is open that a verified guardian opened. */
export const hasVerifiedGuardian = (facts: Facts): boolean =>
  casesOf(facts).some((known) => isOpen(known) && known.from === 'GUARDIAN' && known.verified === true);

/** The cases that a person is told of: a guardian's is one once it was verified. */
export const toldCases = (facts: Facts): readonly PrivacyCase[] =>
  casesOf(facts).filter(({ from, verified }) => from !== 'GUARDIAN' || verified === true);

/** The cases of a record with one more; null where too many from the same source are open. */
export function withCase(cases: readonly PrivacyCase[], opened: PrivacyCase): readonly PrivacyCase[] | null {
  if (cases.filter((known) => isOpen(known) && known.from === opened.from).length >= MOST_OPEN) return null;
  const closed = new Set(cases.filter((known) => !isOpen(known)).slice(-KEPT_CLOSED));
  return [...cases.filter((known) => isOpen(known) || closed.has(known)), opened];
}
