import type { Clock } from '../../base/clock.ts';
import { badInput } from '../../base/errors.ts';
import { recordsIn } from '../../base/records.ts';
import type { AuditEntry, StaffOccasion } from '../../ledger/book/audit.ts';
import type { Book } from '../../ledger/book/book.ts';
import type { DisclosureEntry } from '../../ledger/disclosure/disclosure.ts';
import type { Facts } from '../../policy/facts.ts';
import type { DataCategory } from '../../policy/vocabulary.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createDisclosureReports } from '../../store/mongo/repositories/disclosure-reports.ts';
import { createLegalProcesses } from '../../store/mongo/repositories/legal-processes.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { People } from '../../subject/people.ts';
import type { Making } from '../idempotency/operations.ts';

/** Law, a proceeding or an order that allows some categories of one person to be read for an authority. */
export interface LegalProcess {
  /** One of the kinds of the policy. */
  readonly kind: string;
  readonly authority: string;
  readonly reference: string;
  /** The id by which members know the person. */
  readonly subject: string;
  readonly categories: readonly DataCategory[];
  readonly from: Date;
  readonly until: Date;
  /** The day from which the person may know of disclosures under the process; null: at once. */
  readonly notBefore: Date | null;
}

export interface RecordedLegalProcess extends Omit<LegalProcess, 'subject'> {
  readonly _id: string;
  /** Null where nobody has the id that was given. */
  readonly sid: SubjectId | null;
  readonly openedAt: Date;
}

/** Suspicious or illegal activity that was told to an authority, with the categories disclosed about the person. */
export interface ActivityReport {
  readonly process: string;
  readonly categories: readonly DataCategory[];
}

/** The grounds of a report. */
export interface ReportGrounds {
  readonly clauses: readonly string[];
  readonly policyVersion: string;
}

export interface LegalOptions {
  readonly store: Access;
  readonly people: Pick<People, 'findByPublicIds'>;
  readonly changes: Changes;
  readonly books: { readonly disclosures: Book<DisclosureEntry>; readonly audit: Book<AuditEntry> };
  readonly clock: Clock;
}

type ProcessFact = { readonly id: string; readonly until: Date; readonly notBefore?: Date | null };

const processesOf = ({ legalProcesses }: Facts) => recordsIn<ProcessFact>(legalProcesses);

/** The facts that may be told about a person: without the processes that must stay unknown to them for now. */
export const withoutSecretProcesses = (facts: Facts, now: Date): Facts => ({
  ...facts,
  legalProcesses: processesOf(facts).filter(({ notBefore }) => !notBefore || notBefore <= now),
});

export type LegalOperations = ReturnType<typeof createLegalOperations>;

export function createLegalOperations({ store, people, changes, books, clock }: LegalOptions) {
  const processes = createLegalProcesses<RecordedLegalProcess>(store);
  const reports = createDisclosureReports(store);

  /**
   * Changes a person's legal processes, if the process names an existing person. The person's own ledger does not
   * tell of it, since it may have to stay unknown to them; the collection of processes and the books do.
   */
  const amend = async (sid: SubjectId | null, change: (facts: readonly ProcessFact[]) => readonly ProcessFact[]) => {
    if (sid !== null)
      await changes.apply(sid, ({ facts }) => ({
        set: { 'facts.legalProcesses': change(processesOf(facts)) },
        entries: [],
      }));
  };

  return {
    /** Opens a process. The answer is the same whether or not the subject is somebody's id. */
    async open({ subject, ...process }: LegalProcess, { id: _id, at, keyed, made }: Making): Promise<string> {
      if (process.categories.length === 0) throw badInput('input.categories', 'at least one data category');
      if (process.from >= process.until) throw badInput('input.until', 'a time after `from`');
      if (made) return _id;
      const opened = keyed ? await processes.find(_id) : null;
      const [person] = opened ? [] : await people.findByPublicIds([subject]);
      const sid = opened ? opened.sid : (person?._id ?? null);
      // a repeated call may find the value of its first run
      if (!opened) await processes.add({ _id, sid, ...process, openedAt: at });
      const { kind, authority, categories, from, until, notBefore } = process;
      const fact = { id: _id, kind, authority, categories, from, until, notBefore } as ProcessFact;
      await amend(sid, (facts) => (facts.some(({ id }) => id === _id) ? facts : [...facts, fact]));
      return _id;
    },

    /**
     * Ends a process now. A second end changes nothing. The process leaves the person's facts, so its end governs the
     * next read by any clock; the collection of processes keeps it.
     */
    async end(id: string): Promise<void> {
      const process = await processes.find(id);
      if (!process) throw badInput('id', 'the id of a legal process');
      const until = clock.now();
      if (process.until <= until) return;
      await amend(process.sid, (facts) => facts.filter((fact) => fact.id !== id));
      await processes.end(id, until);
    },

    /**
     * Puts on record that activity was reported to the authority of a process in force, with these categories.
     *
     * @returns an id for the file; never a value
     */
    async report(
      { process: id, categories }: ActivityReport,
      occasion: StaffOccasion,
      { clauses, policyVersion }: ReportGrounds,
      { id: report, keyed, made }: Making,
    ): Promise<string> {
      if (made) return report;
      const process = await processes.find(id);
      const now = clock.now();
      if (!process || now < process.from || process.until <= now) throw badInput('process', 'a legal process in force');
      const excess = categories.filter((category) => !process.categories.includes(category));
      if (categories.length === 0 || excess.length > 0)
        throw badInput('categories', 'categories that the process names');
      if (process.sid === null) return report;
      const isTold = keyed && (await reports.has(process.sid, report));
      const { role, by, ...request } = occasion;
      const shown = { ...request, sids: [process.sid], categories, clauses, policyVersion, at: now.toISOString() };
      await Promise.all([
        !isTold &&
          books.disclosures.record([
            {
              ...shown,
              recipientKind: 'AUTHORITY',
              recipient: process.authority,
              legalProcess: id,
              ...(keyed && { report }),
              ...(process.notBefore && { visibleFrom: process.notBefore.toISOString() }),
            },
          ]),
        books.audit.record([{ ...shown, role, by }]),
      ]);
      return report;
    },
  };
}
