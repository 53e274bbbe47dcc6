import { type Access, collectionOf } from '../collections.ts';
import { ERASURE_NOTICES, type NoticeRecord } from './erasure-notices.ts';

/** The progress of a notice on its way to a webhook. */
export type NoticePush =
  /** Not before `dueAt`. Without attempts and `since` it waits behind another notice of the same person. */
  | { readonly state: 'WAITING'; readonly dueAt: Date; readonly attempts?: number; readonly since?: Date }
  | { readonly state: 'DELIVERED' | 'GIVEN_UP'; readonly attempts: number; readonly since: Date };

/** A notice that grows loses its `push`: then it is a new message. */
interface PushedNotice extends NoticeRecord {
  readonly push?: NoticePush;
}

/** The bound of the count: a larger number is of no use to a recipient. */
const MOST_COUNTED = 10_000;

const OPEN = { pending: true, 'push.state': { $in: [null, 'WAITING'] } } as const;
const OLDEST_FIRST = { at: 1, _id: 1 } as const;

type Version = Pick<NoticeRecord, '_id' | 'revision'>;

/** The way of notices to webhooks, kept with the notices. */
export function createNoticePushes<Notice extends PushedNotice>({ connection, read, write }: Access) {
  const collection = collectionOf<PushedNotice>(connection, ERASURE_NOTICES);
  const settings = { writeConcern: write };

  return {
    /** The notices that may be sent now, the oldest first. */
    findDue: (recipient: string, now: Date, limit: number): Promise<Notice[]> =>
      collection
        .find<Notice>(
          { recipient, ...OPEN, $or: [{ 'push.dueAt': null }, { 'push.dueAt': { $lte: now } }] },
          { ...read, sort: OLDEST_FIRST, limit },
        )
        .toArray(),

    /** The oldest notice without an attempt. */
    findUntried: (recipient: string): Promise<Notice | null> =>
      collection.findOne<Notice>({ recipient, pending: true, 'push.state': null }, { ...read, sort: OLDEST_FIRST }),

    /** All notices about some people that are neither delivered nor given up, in the order of sending. */
    findOpen: (recipient: string, personIds: readonly (string | null)[]): Promise<Notice[]> =>
      collection
        .find<Notice>({ personId: { $in: [...personIds] }, recipient, ...OPEN }, { ...read, sort: OLDEST_FIRST })
        .toArray(),

    /** The earliest time of all notices that wait for a time. */
    async findNextTime(recipient: string): Promise<Date | null> {
      const next = await collection.findOne(
        { recipient, pending: true, 'push.state': 'WAITING' },
        { ...read, sort: { 'push.dueAt': 1 }, projection: { push: 1 } },
      );
      return next?.push?.state === 'WAITING' ? next.push.dueAt : null;
    },

    countOpen: (recipient: string): Promise<number> =>
      collection.countDocuments({ recipient, ...OPEN }, { ...read, limit: MOST_COUNTED }),

    /** Records the result of an attempt, unless the notice has grown or another attempt was recorded meanwhile. */
    async note({ _id, revision, push }: Version & { readonly push?: NoticePush }, next: NoticePush): Promise<void> {
      await collection.updateOne(
        { _id, revision, 'push.attempts': push?.attempts ?? null },
        { $set: { push: next } },
        settings,
      );
    },

    /** Holds notices back until a time: another notice about the same person comes first. */
    async postpone(ids: readonly string[], dueAt: Date): Promise<void> {
      await collection.updateMany(
        { _id: { $in: [...ids] }, ...OPEN },
        { $set: { 'push.state': 'WAITING', 'push.dueAt': dueAt } },
        settings,
      );
    },

    /** Sends a notice again, as for the first time. @returns false if the recipient has no such pending notice */
    async sendAgain({ _id, revision, recipient }: Version & Pick<NoticeRecord, 'recipient'>): Promise<boolean> {
      const { matchedCount } = await collection.updateOne(
        { _id, revision, recipient, pending: true },
        { $unset: { push: '' } },
        settings,
      );
      return matchedCount === 1;
    },

    /** Deletes failed attempts: they went to another address. */
    async beginAnew(recipient: string): Promise<void> {
      await collection.updateMany(
        { recipient, pending: true, 'push.state': { $in: ['WAITING', 'GIVEN_UP'] } },
        { $unset: { push: '' } },
        settings,
      );
    },
  };
}

export type NoticePushes<Notice extends PushedNotice> = ReturnType<typeof createNoticePushes<Notice>>;
