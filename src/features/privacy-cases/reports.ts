import type { Access } from '../../store/mongo/collections.ts';
import { type ChildReportRecord, createChildReportRecords } from '../../store/mongo/repositories/child-reports.ts';
import { createSharedVault } from '../../subject/vault.ts';
import type { CaseKind, CaseText } from './cases.ts';
import { type Position, rankOf, waitsUntil } from './order.ts';

export type ReportKind = Exclude<CaseKind, 'SUBJECT'>;

export type Report = ChildReportRecord<ReportKind>;

/** A report that is new. */
export interface NewReport extends Pick<Report, '_id' | 'case' | 'kind' | 'status' | 'by' | 'openedAt' | 'dueAt'> {
  readonly text: CaseText;
}

export type ChildReports = ReturnType<typeof createChildReports>;

const placeOf = (_id: string) => `child report ${_id}`;

/** Seals the texts of reports. */
export function createReportSeal(sharedSecret: Buffer) {
  const vault = createSharedVault(sharedSecret, 'child reports');
  return {
    seal: (_id: string, text: CaseText) => vault.seal(placeOf(_id), text),
    open: ({ _id, sealed }: Pick<Report, '_id' | 'sealed'>): CaseText =>
      sealed === undefined ? {} : (vault.open(placeOf(_id), sealed) as CaseText),
  };
}

/** A report as it lies in the database; a closed one without its texts. */
export const reportOf = (seal: ReturnType<typeof createReportSeal>, { text, ...report }: NewReport): Report => ({
  ...report,
  rank: rankOf(report.kind),
  due: waitsUntil(report.dueAt),
  ...(report.status === 'OPEN' && { sealed: seal.seal(report._id, text) }),
});

/** @param sharedSecret  32 bytes that every gateway on the same database shares */
export function createChildReports(store: Access, sharedSecret: Buffer) {
  const records = createChildReportRecords<ReportKind>(store);
  const seal = createReportSeal(sharedSecret);

  return {
    textOf: seal.open,

    /**
     * Always one write, for any report.
     *
     * @param stored false to do the same work without keeping anything
     */
    add: (report: NewReport, stored = true): Promise<void> => records.add(reportOf(seal, report), stored),

    /**
     * Puts reports on record as they are stated, in place of earlier ones.
     *
     * @param gone  internal ids of reports that are to be there no more
     */
    state: (reports: readonly NewReport[], gone: readonly string[]): Promise<void> =>
      records.state(
        reports.map((report) => reportOf(seal, report)),
        gone,
      ),

    /** Reports of several world files may have the same id: an open one is found first. */
    find: records.find,

    /** A guardian is verified, and the child has no account. */
    verify({ _id }: Report, text: CaseText): Promise<void> {
      const kind: ReportKind = 'GUARDIAN_VERIFIED';
      return records.change(_id, { kind, rank: rankOf(kind), sealed: seal.seal(_id, text) });
    },

    remove: ({ _id }: Pick<Report, '_id'>): Promise<void> => records.forget(_id),

    /** Closes a report, and forgets its texts; false where none of this id is open. */
    close: records.close,

    /** The open reports of some kinds that wait after a position, in their order. */
    findWaiting(kinds: readonly ReportKind[], after: Position | null, limit: number): Promise<Report[]> {
      const [rank = 0, due = 0, _id = ''] = after ?? [];
      return records.findOpen(kinds, after && { rank, due: new Date(due), _id }, limit);
    },
  };
}
