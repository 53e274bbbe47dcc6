import type { Policy } from '../policy/clause.ts';
import type { Change } from './change.ts';
import type { PersonDocument } from './model.ts';

const HOUR = 3_600_000;

/**
 * Seals the account of somebody who turned out to be a child, at once, and queues all of it for deletion; null where
 * that is so already.
 */
export function sealing(
  { facts, deletionDueAt }: PersonDocument,
  { childDeletionHours }: Policy,
  learnedBy: 'CORRECTION' | 'STAFF',
  at: Date,
): Change | null {
  if (facts.status === 'SEALED' && deletionDueAt !== undefined) return null;
  return {
    set: { 'facts.status': 'SEALED', deletionDueAt: new Date(at.getTime() + childDeletionHours * HOUR) },
    entries: [{ type: 'SEALING', at: at.toISOString(), learnedBy }],
  };
}
