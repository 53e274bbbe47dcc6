import { groupBy } from '../base/group-by.ts';
import type { AuditEntry } from '../ledger/book/audit.ts';
import type { DisclosureEntry } from '../ledger/disclosure/disclosure.ts';
import type { Ground } from '../policy/decide.ts';
import { processesInForce } from '../policy/known-facts.ts';
import { counts } from '../policy/process-kinds.ts';
import { type CategoryMask, categoriesIn, maskOf, NO_CATEGORIES } from '../policy/vocabulary.ts';
import type { Caller } from '../subject/caller.ts';
import type { Subject } from '../subject/subject.ts';

/** The entries that a response must have on record before its first byte leaves. */
export interface Records {
  readonly disclosures: readonly DisclosureEntry[];
  readonly audit: readonly AuditEntry[];
}

export interface Occasion {
  readonly caller: Caller;
  readonly now: Date;
  readonly requestId: string;
}

/** The categories of one person that a response showed, and the grounds that may have revealed them. */
interface Shown {
  readonly subject: Subject;
  readonly mask: CategoryMask;
  readonly grounds: readonly Ground[];
}

/** The grounds that revealed the categories; for an id alone, the grounds that let the person exist for this caller. */
const groundsOf = ({ grounds, mask }: Shown) =>
  grounds.filter((ground) => mask === NO_CATEGORIES || (ground.mask & mask) !== NO_CATEGORIES);

const likeness = (shown: Shown) =>
  groundsOf(shown).reduce(
    (text, { ruling: { clause, version } }) => `${text} ${version}/${clause.id}`,
    `${shown.mask}`,
  );

/** One entry records all people with the same categories shown under the same clauses. */
const together = (all: readonly Shown[]) =>
  [...groupBy(all, likeness).values()].map((alike) => {
    const [first] = alike as [Shown];
    const grounds = groundsOf(first);
    return {
      people: alike.map(({ subject }) => subject),
      what: {
        sids: alike.map(({ subject }) => subject.sid),
        categories: categoriesIn(first.subject.access.vocabulary, first.mask),
        clauses: [...new Set(grounds.map(({ ruling }) => ruling.clause.id))],
        policyVersion: grounds[0]?.ruling.version ?? '',
      },
    };
  });

/**
 * The entries about a response that showed these people to this caller: categories and clauses, never values.
 * There are none where people see their own data or public data.
 */
export function recordsOf(subjects: readonly Subject[], { caller, now, requestId }: Occasion): Records {
  if (caller.kind !== 'PARTNER' && caller.kind !== 'STAFF') return { disclosures: [], audit: [] };
  const occasion = { purpose: caller.purpose, at: now.toISOString(), requestId, tokenId: caller.tokenId };
  const shown = together(
    subjects.map((subject) => ({ subject, mask: subject.shown, grounds: subject.decision.grounds })),
  );
  if (caller.kind === 'PARTNER') {
    const { clientId: recipient } = caller.recipient;
    const entryOf = ({ people, what }: (typeof shown)[number]) => ({
      ...occasion,
      recipientKind: 'PARTNER' as const,
      recipient,
      ...what,
      positions: people.map(({ position }) => position),
    });
    return { audit: [], disclosures: shown.map(entryOf) };
  }
  return {
    audit: shown.map(({ what }) => ({ ...occasion, role: caller.role, by: caller.sub, ...what })),
    disclosures: subjects.flatMap((subject) => authorityDisclosures(subject, occasion, now)),
  };
}

/** A read under a legal process is a disclosure to its authority: one for each process that counts and names the data. */
const authorityDisclosures = (
  subject: Subject,
  occasion: Pick<DisclosureEntry, 'purpose' | 'at' | 'requestId' | 'tokenId'>,
  now: Date,
): DisclosureEntry[] => {
  const onRecord = subject.decision.grounds.filter(({ ruling }) => ruling.recordedAs === 'AUTHORITY');
  if (onRecord.length === 0) return [];
  return processesInForce(subject.facts, now)
    .map((process) => {
      const grounds = onRecord.filter(({ ruling }) => counts(ruling.processKinds, process.kind));
      const granted = grounds.reduce((mask, ground) => mask | ground.mask, NO_CATEGORIES);
      return { process, grounds, mask: maskOf(process.categories) & granted & subject.shown };
    })
    .filter(({ grounds, mask }) => grounds.length > 0 && (mask !== NO_CATEGORIES || subject.shown === NO_CATEGORIES))
    .flatMap(({ process, grounds, mask }) =>
      together([{ subject, mask, grounds }]).map(({ what }) => ({
        ...occasion,
        recipientKind: 'AUTHORITY' as const,
        recipient: process.authority,
        legalProcess: process.id,
        ...what,
        ...(process.notBefore && { visibleFrom: process.notBefore.toISOString() }),
      })),
    );
};
