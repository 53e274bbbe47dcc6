import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';

/** A follower of a thread by mail, without an account; their address is sealed. */
export interface FollowerRecord {
  /** Marks the address and the thread. */
  readonly _id: string;
  readonly thread: string;
  /** Marks the mailbox of the address, the same for all threads. */
  readonly mailbox: string;
  readonly verified: boolean;
  readonly sealed: string;
  /** The mailbox can answer until this time; then the record is deleted. Absent after the answer. */
  readonly expiresAt?: Date;
}

export const BLOG_FOLLOWERS = 'blog_followers';

export const BLOG_FOLLOWERS_LAYOUT: Layout = {
  name: BLOG_FOLLOWERS,
  indexes: [{ key: { thread: 1 } }, { key: { mailbox: 1 } }, { key: { expiresAt: 1 } }],
  shardKey: null,
};

export function createBlogFollowers({ connection, read, write }: Access) {
  const collection = collectionOf<FollowerRecord>(connection, BLOG_FOLLOWERS);
  const settings = { writeConcern: write };

  return {
    /** Records a follower until the time is over. A known follower waits anew, and a verified one stays verified. */
    async take({ _id, thread, mailbox, sealed, expiresAt }: Required<Omit<FollowerRecord, 'verified'>>): Promise<void> {
      const follower = {
        thread: { $literal: thread },
        mailbox,
        verified: { $ifNull: ['$verified', false] },
        sealed: { $ifNull: ['$sealed', sealed] },
        expiresAt: { $cond: ['$verified', '$$REMOVE', expiresAt] },
      };
      await collection.updateOne({ _id }, [{ $set: follower }], { ...settings, upsert: true });
    },

    /** The mailbox has answered. @returns false if the follower is no longer on record */
    async verify(_id: string): Promise<boolean> {
      const answered = { $set: { verified: true }, $unset: { expiresAt: 1 as const } };
      return (await collection.updateOne({ _id }, answered, settings)).matchedCount > 0;
    },

    async forget(_id: string): Promise<void> {
      await collection.deleteOne({ _id }, settings);
    },

    async forgetMailbox(mailbox: string): Promise<void> {
      await collection.deleteMany({ mailbox }, settings);
    },

    async dropExpired(now: Date): Promise<void> {
      await collection.deleteMany({ expiresAt: { $lte: now } }, settings);
    },

    findVerified: (thread: string): AsyncIterable<FollowerRecord> => collection.find({ thread, verified: true }, read),
  };
}
