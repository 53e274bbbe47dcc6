import { deriveSecret } from '../../store/derive.ts';
import { createEventPositions } from '../../store/mongo/repositories/event-positions.ts';
import type { Core } from '../core.ts';
import type { StoredNotice } from '../erasure/stored-notice.ts';
import { feature } from '../feature.ts';
import { createEventCursors } from './event-cursors.ts';
import { createPartnerEvents, type PartnerEvents } from './operations.ts';
import { definePartnerEvents } from './schema.ts';

export const partnerEvents = feature({
  operations: ({ store, sharedSecret }: Core) => ({
    partnerEvents: createPartnerEvents(
      createEventPositions<StoredNotice>(store),
      createEventCursors(deriveSecret(sharedSecret, 'partner event cursors')),
    ),
  }),
  fields: definePartnerEvents,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly partnerEvents: PartnerEvents;
  }
}
