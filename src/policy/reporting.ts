import type { DecisionTable } from './compile.ts';
import { contractInForce } from './decide.ts';
import type { Recipient } from './facts.ts';
import { type DenialReason, NO_CATEGORIES } from './vocabulary.ts';

/**
 * The reason to refuse a partner's report; null if the partner may report. A kind of partner may report for a purpose
 * if a clause of the current policy reveals an empty list of categories to it. Its contract must be in force.
 */
export function refusalToReport(
  { all, current }: DecisionTable,
  recipient: Recipient,
  purpose: string,
  now: Date,
): DenialReason | null {
  const lines = (all.get(recipient.kind) ?? []).filter(
    ({ mask, version }) => mask === NO_CATEGORIES && version === current.version,
  );
  if (lines.length === 0) return 'NO_CLAUSE';
  if (!lines.some(({ purposes }) => purposes?.has(purpose))) return 'WRONG_PURPOSE';
  if (recipient.contract && !recipient.contract.purposes.includes(purpose)) return 'WRONG_PURPOSE';
  return contractInForce(recipient, now) ? null : 'CONTRACT_NOT_IN_FORCE';
}
