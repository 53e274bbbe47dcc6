import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';

export interface MailRecord {
  readonly _id: string;
  /** The person that caused the message; null without an account. */
  readonly sid: string | null;
  /** Marks the mailbox of the recipient, if no account caused the message. */
  readonly mailbox?: string;
  readonly queuedAt: Date;
  readonly sealed: string;
}

export const OUTGOING_MAIL = 'outgoing_mail';

export const OUTGOING_MAIL_LAYOUT: Layout = {
  name: OUTGOING_MAIL,
  indexes: [{ key: { queuedAt: 1, _id: 1 } }],
  shardKey: null,
};

export function createMailRecords({ connection, read, write }: Access) {
  const collection = collectionOf<MailRecord>(connection, OUTGOING_MAIL);
  const settings = { writeConcern: write };

  return {
    /** @param kept  false for the same command without any effect */
    async queue({ _id, ...waiting }: MailRecord, kept: boolean): Promise<void> {
      await collection.updateOne({ _id }, { $setOnInsert: waiting }, { ...settings, upsert: kept });
    },

    findOldest: (limit: number): Promise<MailRecord[]> =>
      collection.find({}, { ...read, sort: { queuedAt: 1, _id: 1 }, limit }).toArray(),

    async forget(_id: string): Promise<void> {
      await collection.deleteOne({ _id }, settings);
    },

    async forgetMailbox(mailbox: string): Promise<void> {
      await collection.deleteMany({ mailbox }, settings);
    },
  };
}
