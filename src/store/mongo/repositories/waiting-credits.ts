import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { placesAfter } from '../places-after.ts';
import { type ItemRecord, itemIdOf } from './items.ts';

/** Credits that wait for support. */
export interface WaitingCreditRecord extends ItemRecord {
  /** Support has accepted them, and they are on their way to the person. */
  readonly accepted?: true;
}

/** Credits that were reported for somebody under another name, and wait for support to decide. */
export const WAITING_CREDITS = 'waiting_credits';

// support lists those of everybody, the oldest first
export const WAITING_CREDITS_LAYOUT: Layout = {
  name: WAITING_CREDITS,
  indexes: [
    ...[{ key: { sid: 1, at: -1 } as const }, { key: { at: 1, _id: 1 } as const }, { key: { id: 1 } as const }],
    { key: { accepted: 1 }, sparse: true },
  ],
  shardKey: { sid: 1 },
};

const OPEN = { accepted: { $exists: false } };

/** Credits of people as they wait for a decision; `createItems` reads and puts them as it does other things of people. */
export function createWaitingCredits({ connection, read, write }: Access) {
  const collection = collectionOf<WaitingCreditRecord>(connection, WAITING_CREDITS);
  const settings = { writeConcern: write };
  const openOf = (sid: string, id: string) => ({ _id: itemIdOf(sid, id), sid, ...OPEN });

  return {
    /**
     * Those that wait, the oldest first.
     *
     * @param since  the time after which they were reported
     * @param last  the one after which the page begins; undefined for the first page
     */
    findPage(since: Date, last: WaitingCreditRecord | undefined, limit: number): Promise<WaitingCreditRecord[]> {
      const later =
        last &&
        placesAfter([
          ['at', last.at],
          ['_id', last._id],
        ]);
      return collection
        .find({ ...OPEN, at: { $gt: since }, ...later }, { ...read, sort: { at: 1, _id: 1 }, limit })
        .toArray();
    },

    /** One that waits, whosever it is; null for none. */
    async findOpen(id: string): Promise<WaitingCreditRecord | null> {
      const [found = null] = await collection.find({ id, ...OPEN }, { ...read, limit: 1 }).toArray();
      return found;
    },

    /** @returns the credits that support has accepted by this; null where they wait no more */
    accept: (sid: string, id: string): Promise<WaitingCreditRecord | null> =>
      collection.findOneAndUpdate(openOf(sid, id), { $set: { accepted: true } }, settings),

    /** Drops credits that wait. @returns whether they still waited */
    async refuse(sid: string, id: string): Promise<boolean> {
      return (await collection.deleteOne(openOf(sid, id), settings)).deletedCount === 1;
    },

    /** Those that support has accepted and that are still to be booked. */
    findAccepted: (): AsyncIterable<WaitingCreditRecord> => collection.find({ accepted: true }, read),

    /** They are booked, or nobody is there to book them for. */
    async forget({ _id, sid }: Pick<WaitingCreditRecord, '_id' | 'sid'>): Promise<void> {
      await collection.deleteOne({ _id, sid }, settings);
    },

    /** Drops those that wait although they were reported at this time or before. */
    async dropReported(until: Date): Promise<void> {
      await collection.deleteMany({ at: { $lte: until }, ...OPEN }, settings);
    },
  };
}
