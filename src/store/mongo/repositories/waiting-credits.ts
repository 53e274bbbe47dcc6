import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { placesAfter } from '../places-after.ts';
import { type ItemRecord, itemIdOf } from './items.ts';

/** Credits that wait for support. */
export interface WaitingCreditRecord extends ItemRecord {
  /** Support has accepted the credits; they are not booked yet. */
  readonly accepted?: true;
}

/** Credits that a partner reported under another name; support has to decide about them. */
export const WAITING_CREDITS = 'waiting_credits';

// support lists the credits of everybody, the oldest first
export const WAITING_CREDITS_LAYOUT: Layout = {
  name: WAITING_CREDITS,
  indexes: [
    ...[{ key: { sid: 1, at: -1 } as const }, { key: { at: 1, _id: 1 } as const }, { key: { id: 1 } as const }],
    { key: { accepted: 1 }, sparse: true },
  ],
  shardKey: { sid: 1 },
};

const OPEN = { accepted: { $exists: false } };

/** Waiting credits of people; `createItems` reads and writes them like other items. */
export function createWaitingCredits({ connection, read, write }: Access) {
  const collection = collectionOf<WaitingCreditRecord>(connection, WAITING_CREDITS);
  const settings = { writeConcern: write };
  const openOf = (sid: string, id: string) => ({ _id: itemIdOf(sid, id), sid, ...OPEN });

  return {
    /**
     * The waiting credits, the oldest first.
     *
     * @param since  only credits reported after this time
     * @param last  the last record of the page before; undefined for the first page
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

    /** A waiting credit of any person; null if there is none. */
    async findOpen(id: string): Promise<WaitingCreditRecord | null> {
      const [found = null] = await collection.find({ id, ...OPEN }, { ...read, limit: 1 }).toArray();
      return found;
    },

    /** @returns the accepted credits; null if they no longer wait */
    accept: (sid: string, id: string): Promise<WaitingCreditRecord | null> =>
      collection.findOneAndUpdate(openOf(sid, id), { $set: { accepted: true } }, settings),

    /** Deletes waiting credits. @returns whether they still waited */
    async refuse(sid: string, id: string): Promise<boolean> {
      return (await collection.deleteOne(openOf(sid, id), settings)).deletedCount === 1;
    },

    /** Accepted credits that are not booked yet. */
    findAccepted: (): AsyncIterable<WaitingCreditRecord> => collection.find({ accepted: true }, read),

    /** Deletes credits after their booking, or if their person is gone. */
    async forget({ _id, sid }: Pick<WaitingCreditRecord, '_id' | 'sid'>): Promise<void> {
      await collection.deleteOne({ _id, sid }, settings);
    },

    /** Deletes credits that still wait and were reported at this time or before. */
    async dropReported(until: Date): Promise<void> {
      await collection.deleteMany({ at: { $lte: until }, ...OPEN }, settings);
    },
  };
}
