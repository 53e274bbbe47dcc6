import type { StoredNotice } from '../features/erasure/stored-notice.ts';
import { collectionOf } from '../store/mongo/collections.ts';
import { ERASURE_NOTICES } from '../store/mongo/repositories/erasure-notices.ts';
import type { Step } from './step.ts';

/** A notice of the earlier form tells the time of the last act alone: it counts as waiting since then. */
export const tellSinceWhenNoticesWait: Step = {
  id: 'notices-since-2026-12',
  says: 'Notices to partners say since when they wait.',
  run: async ({ store }) => {
    const notices = collectionOf<StoredNotice>(store.connection, ERASURE_NOTICES);
    const settings = { writeConcern: store.write };
    const { modifiedCount } = await notices.updateMany(
      { since: null as never },
      [{ $set: { since: '$at' } }],
      settings,
    );
    return modifiedCount;
  },
};
