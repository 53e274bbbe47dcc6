import DataLoader from 'dataloader';
import { createSignal, type Signal } from '../../base/signal.ts';
import { createNoticeRecords, ERASURE_NOTICES_LAYOUT } from '../../store/mongo/repositories/erasure-notices.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import type { ConsentRequests } from '../consents/requests.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { Suppressions } from '../newsletters/suppressions.ts';
import { createConfirmations } from './confirmations.ts';
import { createDeletion, type Deletion } from './deletion.ts';
import { createErasureNotices, type ErasureNotices } from './notices.ts';
import { type AskedErasure, createObligations, dueUnder, type Obligations, type Showed } from './obligations.ts';
import { createErasure, type Erasure } from './operations.ts';
import { createEventForm, type EventForm } from './partner-event.ts';
import { defineErasure } from './schema.ts';
import { createShownTo } from './shown-to.ts';
import { createNoticeId, type StoredNotice } from './stored-notice.ts';

interface Needs extends Core {
  readonly consentRequests: ConsentRequests;
  readonly partners: Partners;
  readonly suppressions: Suppressions;
}

export const erasure = feature({
  operations: (needs: Needs) => {
    const findShownTo = createShownTo(needs.partners, needs.table, needs.clock);
    const noticesPlaced = createSignal<readonly string[]>();
    const { vocabulary } = needs.table;
    const notices = createErasureNotices({ ...needs, vocabulary, findShownTo, noticesPlaced });
    const confirmations = createConfirmations(needs.sharedSecret);
    return {
      noticesPlaced,
      erasureNotices: notices,
      obligations: createObligations({
        records: createNoticeRecords<StoredNotice>(needs.store),
        idOf: createNoticeId(needs.blindIndex),
        policy: needs.table.current,
        clock: needs.clock,
      }),
      eventOf: createEventForm(dueUnder(needs.table.current)),
      deletion: createDeletion({ ...needs, notices }),
      erasure: createErasure({ ...needs, notices, confirmations }),
    };
  },
  fields: defineErasure,
  loaders:
    ({ obligations }) =>
    ({ deadline }) => ({
      askedErasures: new DataLoader<Showed, AskedErasure | null, string>(deadline.before(obligations.findAsked), {
        cacheKeyFn: ({ recipient, sid }) => `${recipient} ${sid}`,
      }),
    }),
  layout: [ERASURE_NOTICES_LAYOUT],
  sweeps: (services) => [services.erasure.sweep],
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    AskedErasure: AskedErasure;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    /** Tells the recipients of notices that this gateway has put in place. */
    readonly noticesPlaced: Signal<readonly string[]>;
    readonly erasureNotices: ErasureNotices;
    readonly obligations: Obligations;
    readonly eventOf: EventForm;
    readonly deletion: Deletion;
    readonly erasure: Erasure;
  }
  interface Context {
    readonly askedErasures: DataLoader<Showed, AskedErasure | null, string>;
  }
}
