import type { mongo } from 'mongoose';
import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isUnavailable } from '../connection.ts';
import { isDuplicateKey } from '../duplicate-key.ts';

/** The parts of a notice that its commands name. */
export interface NoticeRecord {
  readonly _id: string;
  readonly recipient: string;
  /** The id by which the recipient knows the person; null for a notice about nobody. */
  readonly personId: string | null;
  /** The number of times that the notice has grown. */
  readonly revision: number;
  readonly pending: boolean;
  readonly categories: readonly string[];
  readonly at: Date;
  readonly since: Date;
  /** All requests of the notice so far; `settled` is the part that the recipient has acknowledged. */
  readonly due: object;
  readonly settled: object;
}

/** The new state of a notice, and the state that it was derived from; null if there was none. */
export interface WantedNotice<Notice extends NoticeRecord> {
  readonly notice: Notice;
  readonly before: Pick<NoticeRecord, 'revision' | 'pending'> | null;
}

/** Notices that wait for one recipient. */
interface Waiting {
  /** The client id. */
  readonly _id: string;
  readonly notices: number;
  readonly since: Date;
}

type AboutPerson<Notice> = Notice & { readonly personId: string };

export const ERASURE_NOTICES = 'erasure_notices';

export const ERASURE_NOTICES_LAYOUT: Layout = {
  name: ERASURE_NOTICES,
  indexes: [
    { key: { recipient: 1, pending: 1, at: 1, _id: 1 } },
    { key: { recipient: 1, pending: 1, 'push.state': 1, at: 1, _id: 1 } },
    { key: { recipient: 1, pending: 1, position: 1, at: 1, _id: 1 } },
    { key: { ask: 1, pending: 1, since: 1, recipient: 1 } },
    { key: { personId: 1 } },
  ],
  shardKey: null,
};

/** What becomes of a notice once its recipient has done all that it asks. */
export const SETTLED = [{ $set: { pending: false, categories: [], settled: '$due' } }];

const operationFor = <Notice extends NoticeRecord>({ notice, before }: WantedNotice<Notice>) => {
  if (!before) return { insertOne: { document: notice } };
  const { _id, ...set } = notice;
  const { revision, pending } = before;
  // after its growth it is a new message: not sent yet, and without a position among the events of its recipient
  const update = { $set: set, $unset: { push: '', position: '' } };
  return { updateOne: { filter: { _id, revision, pending }, update } };
};

export function createNoticeRecords<Notice extends NoticeRecord>({ connection, read, write }: Access) {
  const collection = collectionOf<NoticeRecord>(connection, ERASURE_NOTICES);
  const settings = { writeConcern: write };

  return {
    find: (ids: readonly string[]): Promise<Notice[]> =>
      collection.find<Notice>({ _id: { $in: [...ids] } }, read).toArray(),

    /** @returns false if another gateway has changed one of the notices since the read; the rest is written */
    async put(wanted: readonly WantedNotice<Notice>[]): Promise<boolean> {
      if (wanted.length === 0) return true;
      const operations = wanted.map(operationFor) as mongo.AnyBulkWriteOperation<NoticeRecord>[];
      try {
        const { insertedCount, matchedCount } = await collection.bulkWrite(operations, { ...settings, ordered: false });
        return insertedCount + matchedCount === wanted.length;
      } catch (error) {
        if (isUnavailable(error) || !isDuplicateKey(error)) throw error;
        return false;
      }
    },

    /** Those about people that wait for a recipient, the oldest first. */
    findPending: (recipient: string, limit: number): Promise<AboutPerson<Notice>[]> =>
      collection
        .find<AboutPerson<Notice>>(
          { recipient, pending: true, personId: { $ne: null } },
          { ...read, sort: { at: 1, _id: 1 }, limit },
        )
        .toArray(),

    /** The notices that ask this and have waited since a time or longer: by recipient, with the first time. */
    findWaitingSince: (ask: string, since: Date): Promise<Waiting[]> =>
      collection
        .aggregate<Waiting>(
          [
            { $match: { ask, pending: true, since: { $lte: since } } },
            { $group: { _id: '$recipient', notices: { $sum: 1 }, since: { $min: '$since' } } },
            { $sort: { _id: 1 } },
          ],
          read,
        )
        .toArray(),

    /** The recipient has carried out the whole notice. @returns false if it has no such notice */
    async settle({ _id, recipient, revision }: Pick<NoticeRecord, '_id' | 'recipient' | 'revision'>): Promise<boolean> {
      const { matchedCount } = await collection.updateOne({ _id, recipient, revision }, SETTLED, settings);
      return matchedCount === 1;
    },
  };
}
