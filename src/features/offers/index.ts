import type { RecordStaffAct } from '../../ledger/book/audit.ts';
import type { Credit } from '../../subject/content.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createOfferOperations, type OfferOperations } from './operations.ts';
import { defineOffers } from './schema.ts';

export const offers = feature({
  optional: 'offers',
  operations: (needs: Core & { readonly recordAct: RecordStaffAct }) => ({ offers: createOfferOperations(needs) }),
  fields: defineOffers,
  sweeps: (services) => [services.offers.sweep],
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Credit: Credit;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly offers: OfferOperations;
  }
}
