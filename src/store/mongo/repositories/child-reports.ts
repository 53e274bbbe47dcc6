import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { placesAfter } from '../places-after.ts';

/**
 * A report about a child by a guardian or a member of staff. It stands apart from every person's record until staff has
 * verified it, and looks the same whether or not such a child exists.
 */
export interface ChildReportRecord<Kind extends string> {
  readonly _id: string;
  /** The id that staff see. */
  readonly case: string;
  readonly kind: Kind;
  readonly status: 'OPEN' | 'CLOSED';
  /** The member of staff that recorded a finding. */
  readonly by?: string;
  /** Absent if unknown. */
  readonly openedAt?: Date;
  readonly dueAt?: Date;
  /** Its place in the queue. */
  readonly rank: number;
  readonly due: Date;
  /** The texts; gone once the report is closed. */
  readonly sealed?: string;
}

const CHILD_REPORTS = 'child_reports';

export const CHILD_REPORTS_LAYOUT: Layout = {
  name: CHILD_REPORTS,
  indexes: [{ key: { status: 1, rank: 1, due: 1, _id: 1 } }, { key: { case: 1 } }],
  shardKey: null,
};

/** The place of a report in the queue, with its id. */
export interface ReportPlace {
  readonly rank: number;
  readonly due: Date;
  readonly _id: string;
}

export function createChildReportRecords<Kind extends string>({ connection, read, write }: Access) {
  type Report = ChildReportRecord<Kind>;
  const collection = collectionOf<ChildReportRecord<string>>(connection, CHILD_REPORTS);
  const settings = { writeConcern: write };

  return {
    /**
     * Adds a report, unless one with this internal id exists: one write.
     *
     * @param kept  false for the same command without any effect
     */
    async add({ _id, ...rest }: Report, kept: boolean): Promise<void> {
      await collection.updateOne({ _id }, { $setOnInsert: rest }, { ...settings, upsert: kept });
    },

    /**
     * Replaces reports.
     *
     * @param gone  internal ids of reports to delete
     */
    async state(reports: readonly Report[], gone: readonly string[]): Promise<void> {
      const operations = [
        ...reports.map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement, upsert: true } })),
        ...(gone.length > 0 ? [{ deleteMany: { filter: { _id: { $in: [...gone] } } } }] : []),
      ];
      if (operations.length > 0) await collection.bulkWrite(operations, settings);
    },

    /** Finds by the id that staff see. If several have the same id, an open one comes first. */
    find: (id: string): Promise<Report | null> =>
      collection.findOne<Report>({ case: id }, { ...read, sort: { status: -1 } }),

    /** Changes the kind and the texts of an open report. */
    async change(_id: string, set: Required<Pick<Report, 'kind' | 'rank' | 'sealed'>>): Promise<void> {
      await collection.updateOne({ _id, status: 'OPEN' }, { $set: set }, settings);
    },

    async forget(_id: string): Promise<void> {
      await collection.deleteOne({ _id }, settings);
    },

    /** Closes a report and deletes its texts; false if no open report has this id. */
    async close(id: string): Promise<boolean> {
      const closed = { $set: { status: 'CLOSED' as const }, $unset: { sealed: 1 as const } };
      return (await collection.updateOne({ case: id, status: 'OPEN' }, closed, settings)).matchedCount > 0;
    },

    /** The open reports of some kinds, in the order of the queue. */
    findOpen: (kinds: readonly Kind[], after: ReportPlace | null, limit: number): Promise<Report[]> => {
      const later =
        after &&
        placesAfter([
          ['rank', after.rank],
          ['due', after.due],
          ['_id', after._id],
        ]);
      return collection
        .find<Report>(
          { status: 'OPEN', kind: { $in: [...kinds] }, ...later },
          { ...read, sort: { rank: 1, due: 1, _id: 1 }, limit },
        )
        .toArray();
    },
  };
}
