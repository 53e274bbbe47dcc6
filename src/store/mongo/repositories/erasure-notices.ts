import type { mongo } from 'mongoose';
import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isUnavailable } from '../connection.ts';
import { isDuplicateKey } from '../duplicate-key.ts';

/** The parts of a notice that its commands name. */
export interface NoticeRecord {
  readonly _id: string;
  readonly recipient: string;
  /** The number of times that the notice has grown. */
  readonly revision: number;
  readonly pending: boolean;
  readonly categories: readonly string[];
  readonly at: Date;
  /** All requests of the notice so far; `settled` is the part that the recipient has acknowledged. */
  readonly due: object;
  readonly settled: object;
}

/** The new state of a notice, and the state that it was derived from; null if there was none. */
export interface WantedNotice<Notice extends NoticeRecord> {
  readonly notice: Notice;
  readonly before: Pick<NoticeRecord, 'revision' | 'pending'> | null;
}

export const ERASURE_NOTICES = 'erasure_notices';

export const ERASURE_NOTICES_LAYOUT: Layout = {
  name: ERASURE_NOTICES,
  indexes: [
    { key: { recipient: 1, pending: 1, at: 1, _id: 1 } },
    { key: { recipient: 1, pending: 1, 'push.state': 1, at: 1, _id: 1 } },
    { key: { personId: 1 } },
  ],
  shardKey: null,
};

const operationFor = <Notice extends NoticeRecord>({ notice, before }: WantedNotice<Notice>) => {
  if (!before) return { insertOne: { document: notice } };
  const { _id, ...set } = notice;
  const { revision, pending } = before;
  // after its growth it is a new message, not sent yet
  return { updateOne: { filter: { _id, revision, pending }, update: { $set: set, $unset: { push: '' } } } };
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

    /** The pending notices of a recipient, the oldest first. */
    findPending: (recipient: string, limit: number): Promise<Notice[]> =>
      collection.find<Notice>({ recipient, pending: true }, { ...read, sort: { at: 1, _id: 1 }, limit }).toArray(),

    /** The recipient has carried out the whole notice. @returns false if it has no such notice */
    async settle({ _id, recipient, revision }: Pick<NoticeRecord, '_id' | 'recipient' | 'revision'>): Promise<boolean> {
      const { matchedCount } = await collection.updateOne(
        { _id, recipient, revision },
        [{ $set: { pending: false, categories: [], settled: '$due' } }],
        settings,
      );
      return matchedCount === 1;
    },
  };
}
