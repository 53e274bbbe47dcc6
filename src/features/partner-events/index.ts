import type { Signal } from '../../base/signal.ts';
import { deriveSecret } from '../../store/derive.ts';
import { createNoticeRecords } from '../../store/mongo/repositories/erasure-notices.ts';
import { createEventPositions } from '../../store/mongo/repositories/event-positions.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import type { Core } from '../core.ts';
import type { EventForm } from '../erasure/partner-event.ts';
import type { StoredNotice } from '../erasure/stored-notice.ts';
import { feature } from '../feature.ts';
import { type ContractEnds, createContractEnds } from './contract-ends.ts';
import { createEventCursors } from './event-cursors.ts';
import { createPartnerEvents, type PartnerEvents } from './operations.ts';
import { definePartnerEvents } from './schema.ts';

interface Needs extends Core {
  readonly partners: Partners;
  readonly eventOf: EventForm;
  readonly noticesPlaced: Signal<readonly string[]>;
}

export const partnerEvents = feature({
  operations: (needs: Needs) => ({
    partnerEvents: createPartnerEvents(
      createEventPositions<StoredNotice>(needs.store),
      createEventCursors(deriveSecret(needs.sharedSecret, 'partner event cursors')),
      needs.eventOf,
    ),
    contractEnds: createContractEnds({ ...needs, records: createNoticeRecords<StoredNotice>(needs.store) }),
  }),
  fields: definePartnerEvents,
  sweeps: ({ contractEnds }) => [contractEnds.sweep],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly partnerEvents: PartnerEvents;
    readonly contractEnds: ContractEnds;
  }
}
