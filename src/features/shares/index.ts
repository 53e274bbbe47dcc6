import type { Books } from '../../enforcement/release-gate.ts';
import { createAuditBook, createStaffActs, type RecordStaffAct } from '../../ledger/book/audit.ts';
import {
  createDisclosureBook,
  createDisclosureFollower,
  createDisclosureView,
  type Disclosure,
} from '../../ledger/disclosure/disclosure.ts';
import { deriveSecret } from '../../store/derive.ts';
import { eachAlone } from '../../store/each-alone.ts';
import type { Core } from '../core.ts';
import type { ErasureNotices } from '../erasure/notices.ts';
import { feature } from '../feature.ts';
import { createShareLoader, type ShareLoader } from './operations.ts';
import { defineShares } from './schema.ts';
import { createShareCursors, type ShareCursors } from './share-cursors.ts';

interface Needs extends Core {
  readonly erasureNotices: ErasureNotices;
}

type Follower = ReturnType<typeof createDisclosureFollower>;
type DisclosureView = ReturnType<typeof createDisclosureView>;

/** Disclosures to third parties and staff: the books that a response waits for, and a person's view of them. */
export const shares = feature({
  operations: (needs: Needs) => {
    const { store, clock, log, erasureNotices } = needs;
    const disclosures = createDisclosureFollower({ ...store, log, follow: erasureNotices.followUp });
    const books: Books = {
      disclosures: createDisclosureBook({ ...store, clock, log, follower: disclosures }),
      audit: createAuditBook({ ...store, clock, log }),
    };
    return {
      disclosures,
      disclosureView: createDisclosureView(store),
      books,
      recordAct: createStaffActs(books.audit, clock),
      completeNotices: () => eachAlone([erasureNotices.notifyLeftovers, disclosures.catchUp], (complete) => complete()),
    };
  },
  fields: defineShares,
  loaders: ({ disclosureView, sharedSecret }) => {
    const cursorsOf = createShareCursors(deriveSecret(sharedSecret, 'share cursors'));
    return ({ now, deadline, audience }) => ({
      shares: createShareLoader(disclosureView, now, deadline),
      shareCursors: cursorsOf(audience),
    });
  },
  sweeps: (services) => [services.completeNotices],
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    ThirdPartyShare: Disclosure;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly disclosures: Follower;
    readonly disclosureView: DisclosureView;
    readonly books: Books;
    readonly recordAct: RecordStaffAct;
    /** Puts every notice in place that is due by now, whichever gateway was kept from it. */
    readonly completeNotices: () => Promise<void>;
  }
  interface Context {
    readonly shares: ShareLoader;
    readonly shareCursors: ShareCursors;
  }
}
