import type { DecisionTable } from './compile.ts';
import { contractInForce } from './decide.ts';
import type { Recipient } from './facts.ts';
import { type DenialReason, NO_CATEGORIES } from './vocabulary.ts';

/**
 * Why a partner may not report anything here; null where it may. A clause of the current policy that shows a kind of
 * partner nothing for a purpose lets it come and report: as for reveals, only under a contract in force.
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
