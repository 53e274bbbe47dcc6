import { type Access, collectionOf } from '../collections.ts';

/** One count of a UTC day. */
export interface TallyRecord<Table extends string = string> {
  readonly _id: { readonly day: string; readonly table: Table; readonly key: string };
  readonly count: number;
}

/** The counts of a table over some days. */
export interface TalliedTable<Table extends string> {
  readonly _id: Table;
  /** Of all cells. */
  readonly total: number;
  /** The largest. */
  readonly cells: { readonly key: string; readonly count: number }[];
}

export const TALLIES = 'daily_tallies';

export function createDailyTallies<Table extends string>({ connection, read, write }: Access) {
  const collection = collectionOf<TallyRecord>(connection, TALLIES);

  return {
    /**
     * Adds one to a count.
     *
     * @param begins  whether to begin a missing count
     * @returns whether the count existed
     */
    async add(_id: TallyRecord<Table>['_id'], begins: boolean): Promise<boolean> {
      const settings = { upsert: begins, writeConcern: write };
      const { matchedCount } = await collection.updateOne({ _id }, { $inc: { count: 1 } }, settings);
      return matchedCount > 0;
    },

    /**
     * The counts of all days before a day, in one command. The size of the answer is bounded for any number of names.
     *
     * @param most  cells of each table
     */
    sumBefore(day: string, most: number): Promise<TalliedTable<Table>[]> {
      const output = { key: '$_id.key', count: '$count' };
      const sortBy = { count: -1, '_id.key': 1 } as const;
      return collection
        .aggregate<TalliedTable<Table>>(
          [
            { $match: { '_id.day': { $lt: day } } },
            { $group: { _id: { table: '$_id.table', key: '$_id.key' }, count: { $sum: '$count' } } },
            {
              $group: {
                ...{ _id: '$_id.table', total: { $sum: '$count' } },
                cells: { $topN: { n: most, sortBy, output } },
              },
            },
          ],
          { ...read, allowDiskUse: true },
        )
        .toArray();
    },
  };
}
