import type { StoredNotice } from '../features/erasure/stored-notice.ts';
import { collectionOf } from '../store/mongo/collections.ts';
import { ERASURE_NOTICES } from '../store/mongo/repositories/erasure-notices.ts';
import type { Step } from './step.ts';

/** Every earlier notice asked for erasure: there was no other request. */
export const nameWhatNoticesAsk: Step = {
  id: 'notices-ask-2026-12',
  says: 'Each notice to a partner names its request: notices on record ask to erase.',
  run: async ({ store }) => {
    const notices = collectionOf<StoredNotice>(store.connection, ERASURE_NOTICES);
    const settings = { writeConcern: store.write };
    const unnamed = { ask: { $exists: false } };
    const { modifiedCount } = await notices.updateMany(unnamed, { $set: { ask: 'ERASE', purpose: null } }, settings);
    return modifiedCount;
  },
};
