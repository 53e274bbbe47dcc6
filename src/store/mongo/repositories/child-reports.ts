import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { placesAfter } from '../places-after.ts';

/**
 * The word of a guardian or of a member of staff about a child. It stands apart from every person's record until staff
 * has verified it, and is kept alike whether or not there is such a child.
 */
export interface ChildReportRecord<Kind extends string> {
  readonly _id: string;
  /** The id that staff see. */
  readonly case: string;
  readonly kind: Kind;
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

const CHILD_REPORTS = 'child_reports';

export const CHILD_REPORTS_LAYOUT: Layout = {
  name: CHILD_REPORTS,
  indexes: [{ key: { status: 1, rank: 1, due: 1, _id: 1 } }, { key: { case: 1 } }],
  shardKey: null,
};

/** Where a report waits, with its id. */
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
     * One write, unless there is one of this internal id.
     *
     * @param kept  false where the same command is to keep nothing
     */
    async add({ _id, ...rest }: Report, kept: boolean): Promise<void> {
      await collection.updateOne({ _id }, { $setOnInsert: rest }, { ...settings, upsert: kept });
    },

    /**
     * Puts reports in the place of those before.
     *
     * @param gone  internal ids of reports that are to be there no more
     */
    async state(reports: readonly Report[], gone: readonly string[]): Promise<void> {
      const operations = [
        ...reports.map(({ _id, ...replacement }) => ({ replaceOne: { filter: { _id }, replacement, upsert: true } })),
        ...(gone.length > 0 ? [{ deleteMany: { filter: { _id: { $in: [...gone] } } } }] : []),
      ];
      if (operations.length > 0) await collection.bulkWrite(operations, settings);
    },

    /** By the id that staff see. Several may have the same: an open one is found first. */
    find: (id: string): Promise<Report | null> =>
      collection.findOne<Report>({ case: id }, { ...read, sort: { status: -1 } }),

    /** Makes another of a report, while it is open. */
    async change(_id: string, set: Required<Pick<Report, 'kind' | 'rank' | 'sealed'>>): Promise<void> {
      await collection.updateOne({ _id, status: 'OPEN' }, { $set: set }, settings);
    },

    async forget(_id: string): Promise<void> {
      await collection.deleteOne({ _id }, settings);
    },

    /** Closes a report, and forgets its texts; false where none of this id is open. */
    async close(id: string): Promise<boolean> {
      const closed = { $set: { status: 'CLOSED' as const }, $unset: { sealed: 1 as const } };
      return (await collection.updateOne({ case: id, status: 'OPEN' }, closed, settings)).matchedCount > 0;
    },

    /** The open reports of some kinds, in the order in which they wait. */
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
