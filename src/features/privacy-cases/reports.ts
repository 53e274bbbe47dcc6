import { collectionOf } from '../../ledger/collections.ts';
import { openBytes, sealBytes } from '../../store/aead.ts';
import { deriveSecret } from '../../store/derive.ts';
import type { Store } from '../../store/mongo/connection.ts';
import type { CaseKind, CaseText } from './cases.ts';
import { beyond, type Position, rankOf, waitsUntil } from './order.ts';

export const CHILD_REPORTS = 'child_reports';

export type ReportKind = Exclude<CaseKind, 'SUBJECT'>;

/**
 * The word of a guardian or of a member of staff about a child. It stands apart from every person's record until staff
 * has verified it, and is kept alike whether or not there is such a child.
 */
export interface Report {
  readonly _id: string;
  /** The id that staff see. */
  readonly case: string;
  readonly kind: ReportKind;
  readonly status: 'OPEN' | 'CLOSED';
  /** The member of staff that recorded a finding. */
  readonly by?: string;
  /** Left out where the record does not know. */
  readonly openedAt?: Date;
  readonly dueAt?: Date;
  /** Where it waits. */
  readonly rank: number;
  readonly due: Date;
  /** The texts; gone once the report is closed. */
  readonly sealed?: string;
}

/** A report that is new. */
export interface NewReport extends Pick<Report, '_id' | 'case' | 'kind' | 'status' | 'by' | 'openedAt' | 'dueAt'> {
  readonly text: CaseText;
}

export type ChildReports = ReturnType<typeof createChildReports>;

const placeOf = (_id: string) => `child report ${_id}`;

/** Seals the texts of reports. */
export function createReportSeal(sharedSecret: Buffer) {
  const key = deriveSecret(sharedSecret, 'child reports');
  return {
    seal: (_id: string, text: CaseText) => sealBytes(key, placeOf(_id), Buffer.from(JSON.stringify(text))),
    open: ({ _id, sealed }: Pick<Report, '_id' | 'sealed'>): CaseText =>
      sealed === undefined ? {} : JSON.parse(openBytes(key, placeOf(_id), sealed).toString()),
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
export function createChildReports(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  sharedSecret: Buffer,
) {
  const collection = collectionOf<Report>(connection, CHILD_REPORTS);
  const seal = createReportSeal(sharedSecret);
  const settings = { writeConcern: write };

  return {
    textOf: seal.open,

    /**
     * One write, whatever it says.
     *
     * @param stored  false where the same is to be done without anything being kept
     */
    async add(report: NewReport, stored = true): Promise<void> {
      const { _id, ...rest } = reportOf(seal, report);
      await collection.updateOne({ _id }, { $setOnInsert: rest }, { ...settings, upsert: stored });
    },

    /**
     * Puts reports on record as they are stated, whatever was known of them.
     *
     * @param gone  internal ids of reports that are to be there no more
     */
    async state(reports: readonly NewReport[], gone: readonly string[]): Promise<void> {
      const operations = [
        ...reports.map((report) => {
          const { _id, ...replacement } = reportOf(seal, report);
          return { replaceOne: { filter: { _id }, replacement, upsert: true } };
        }),
        ...(gone.length > 0 ? [{ deleteMany: { filter: { _id: { $in: [...gone] } } } }] : []),
      ];
      if (operations.length > 0) await collection.bulkWrite(operations, settings);
    },

    /** Reports of several world files may have the same id: an open one is found first. */
    find: (id: string): Promise<Report | null> => collection.findOne({ case: id }, { ...read, sort: { status: -1 } }),

    /** A guardian is verified, and the child has no account. */
    async verify({ _id }: Report, text: CaseText): Promise<void> {
      const kind: ReportKind = 'GUARDIAN_VERIFIED';
      const $set = { kind, rank: rankOf(kind), sealed: seal.seal(_id, text) };
      await collection.updateOne({ _id, status: 'OPEN' }, { $set }, settings);
    },

    async remove({ _id }: Pick<Report, '_id'>): Promise<void> {
      await collection.deleteOne({ _id }, settings);
    },

    /** Closes a report, and forgets its texts; false where none of this id is open. */
    async close(id: string): Promise<boolean> {
      const closed = { $set: { status: 'CLOSED' as const }, $unset: { sealed: 1 as const } };
      return (await collection.updateOne({ case: id, status: 'OPEN' }, closed, settings)).matchedCount > 0;
    },

    /** The open reports of some kinds that wait after a position, in their order. */
    findWaiting(kinds: readonly ReportKind[], after: Position | null, limit: number): Promise<Report[]> {
      const rest = after && beyond(after, ['rank', 'due', '_id']);
      return collection
        .find(
          { status: 'OPEN', kind: { $in: [...kinds] }, ...rest },
          { ...read, sort: { rank: 1, due: 1, _id: 1 }, limit },
        )
        .toArray();
    },
  };
}
