import { createFollowerSeal, followerMarkOf } from '../features/blog/operations.ts';
import { createBlindIndex } from '../store/derive.ts';
import { collectionOf } from '../store/mongo/collections.ts';
import { BLOG_FOLLOWERS, type FollowerRecord } from '../store/mongo/repositories/blog-followers.ts';
import type { Step } from './step.ts';

/** All data about a mailbox without an account can be found by its mark, and so be deleted on request. */
export const markFollowerMailboxes: Step = {
  id: 'follower-mailboxes-2026-12',
  says: 'Followers of blog threads without an account are marked by their mailbox, so that it can be forgotten.',
  run: async ({ store: { connection, read, write }, sharedSecret }) => {
    const blindIndex = createBlindIndex(sharedSecret);
    const { open } = createFollowerSeal(sharedSecret);
    const followers = collectionOf<FollowerRecord>(connection, BLOG_FOLLOWERS);
    let changed = 0;
    for await (const { _id, sealed } of followers.find({ mailbox: { $exists: false } }, read)) {
      const mailbox = followerMarkOf(blindIndex, open(_id, sealed));
      const { modifiedCount } = await followers.updateOne({ _id }, { $set: { mailbox } }, { writeConcern: write });
      changed += modifiedCount;
    }
    return changed;
  },
};
