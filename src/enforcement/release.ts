import type { Caller } from '../caller.ts';
import type { AuditEntry } from '../ledger/audit.ts';
import type { DisclosureEntry } from '../ledger/disclosure.ts';
import { processesInForce } from '../policy/facts.ts';
import { type CategoryMask, categoriesOf, maskOf, NO_CATEGORIES } from '../policy/vocabulary.ts';
import type { Subject } from '../subject/subject.ts';

/** What a response has to leave behind before its first byte may go. */
export interface Records {
  readonly disclosures: readonly DisclosureEntry[];
  readonly audit: readonly AuditEntry[];
}

export interface Occasion {
  readonly caller: Caller;
  readonly now: Date;
  readonly requestId: string;
}

/** What was shown, and the clauses behind it; for an id alone, those that let the person exist for this caller. */
const shownOf = ({ sid, decision }: Subject, shown: CategoryMask) => {
  const grounds = decision.grounds.filter(({ mask }) => shown === NO_CATEGORIES || (mask & shown) !== 0);
  return {
    sid,
    categories: categoriesOf(shown),
    clauses: [...new Set(grounds.map(({ ruling }) => ruling.clause.id))],
    policyVersion: grounds[0]?.ruling.version ?? '',
  };
};

/**
 * What is written about a response that showed these people to this caller: categories and clauses, never values.
 * Nothing for people who look at themselves or at what is public.
 */
export function recordsOf(subjects: readonly Subject[], { caller, now, requestId }: Occasion): Records {
  if (caller.kind !== 'PARTNER' && caller.kind !== 'STAFF') return { disclosures: [], audit: [] };
  const occasion = { purpose: caller.purpose, at: now.toISOString(), requestId, tokenId: caller.tokenId };
  if (caller.kind === 'PARTNER')
    return {
      audit: [],
      disclosures: subjects.map((subject) => ({
        ...occasion,
        recipientKind: 'PARTNER',
        recipient: caller.recipient.clientId,
        ...shownOf(subject, subject.shown),
      })),
    };
  return {
    audit: subjects.map((subject) => ({
      ...occasion,
      role: caller.role,
      ...shownOf(subject, subject.shown),
    })),
    disclosures: subjects.flatMap((subject) => authorityDisclosures(subject, occasion, now)),
  };
}

/** What was read under a legal process is a disclosure to its authority, one for each process that names it. */
const authorityDisclosures = (
  subject: Subject,
  occasion: Pick<DisclosureEntry, 'purpose' | 'at' | 'requestId' | 'tokenId'>,
  now: Date,
): DisclosureEntry[] => {
  const granted = subject.decision.grounds
    .filter(({ ruling }) => ruling.recordedAs === 'AUTHORITY')
    .reduce((mask, ground) => mask | ground.mask, NO_CATEGORIES);
  if (granted === NO_CATEGORIES) return [];
  return processesInForce(subject.facts, now)
    .map((process) => ({ process, mask: maskOf(process.categories) & granted & subject.shown }))
    .filter(({ mask }) => mask !== NO_CATEGORIES || subject.shown === NO_CATEGORIES)
    .map(({ process, mask }) => ({
      ...occasion,
      recipientKind: 'AUTHORITY' as const,
      recipient: process.authority,
      legalProcess: process.id,
      ...shownOf(subject, mask),
      ...(process.notBefore && { visibleFrom: process.notBefore.toISOString() }),
    }));
};
