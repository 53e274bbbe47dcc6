import { addMissing } from '../add-missing.ts';
import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf, PEOPLE } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';
import { eachFound } from '../each-found.ts';

export interface MailboxRecord {
  /** The mark of the mailbox, which reveals nothing of it. */
  readonly _id: string;
  /** The person that followed a link that was mailed there. */
  readonly sid: string;
  /** Marks this entry of the address: a new mark each time that the person gives the address. */
  readonly stamp: string;
}

/** A mailbox, and the mailbox that the person's document names now. */
export interface HeldMailbox extends MailboxRecord {
  readonly mailbox?: { readonly mark: string; readonly proven: boolean };
  /** The unproven address of the person, sealed. */
  readonly unproven?: string;
}

const MAILBOXES = 'mailboxes';

/** The id is the mark of a name, which one person alone may have. */
export const MAILBOXES_LAYOUT: Layout = { name: MAILBOXES, indexes: [{ key: { sid: 1 } }], shardKey: { _id: 1 } };

/** The mailboxes that people have proven. */
export function createMailboxRecords(access: Access) {
  const { connection, read, write } = access;
  const collection = collectionOf<MailboxRecord>(connection, MAILBOXES);
  const settings = { writeConcern: write };

  return {
    /** Always one command. */
    async find(mark: string): Promise<HeldMailbox | null> {
      const holder = { from: PEOPLE, localField: 'sid', foreignField: '_id', as: 'holder' };
      const [found] = await collection
        .aggregate<HeldMailbox>(
          [
            { $match: { _id: mark } },
            { $lookup: { ...holder, pipeline: [{ $project: { mailbox: 1, unproven: '$values.UNPROVEN_EMAIL' } }] } },
            { $replaceWith: { $mergeObjects: [{ $first: '$holder' }, '$$ROOT'] } },
            { $unset: 'holder' },
          ],
          read,
        )
        .toArray();
      return found ?? null;
    },

    /** @returns false if the mailbox is already on record */
    add: (mailbox: MailboxRecord): Promise<boolean> => isAdded(collection.insertOne(mailbox, settings)),

    /** Hands a mailbox over. @returns false if its record has changed since the read */
    async handOver({ _id, sid, stamp }: MailboxRecord, to: Omit<MailboxRecord, '_id'>): Promise<boolean> {
      const next = { sid: to.sid, stamp: to.stamp };
      const { matchedCount } = await collection.updateOne({ _id, sid, stamp }, { $set: next }, settings);
      return matchedCount === 1;
    },

    /** Adds the missing mailboxes; existing records stay unchanged. */
    addFree: (mailboxes: readonly MailboxRecord[]): Promise<void> => addMissing(collection, mailboxes, access),

    /** Forgets every mailbox of a person. Idempotent. */
    forget: (sid: string): Promise<void> =>
      eachFound(collection, { sid }, read, (_id) => collection.deleteOne({ _id, sid }, settings)),
  };
}
