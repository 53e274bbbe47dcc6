import DataLoader from 'dataloader';
import { createExchange } from '../../base/outbound.ts';
import { createPartners, type Partners } from '../../store/mongo/repositories/partners.ts';
import { inOrder, type Read, shareReads } from '../../store/shared-reads.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { type Counterparts, createCounterparts } from './counterparts.ts';
import { createFindKeys, type FindKeys } from './fetched-keys.ts';
import { createPartnerOperations, type PartnerOperations } from './operations.ts';
import type { PartnerDocument } from './recipient.ts';
import { definePartners } from './schema.ts';

type PartnerRead = Read<string, PartnerDocument | null>;

export const partners = feature({
  operations: ({ store, table, reach, clock, log }: Core) => {
    const onRecord = createPartners(store);
    const counterparts = createCounterparts(onRecord, table.current);
    const readPartners: PartnerRead = shareReads(inOrder(onRecord.findAll, ({ _id }) => _id));
    const partnerRecords = createPartnerOperations({ partners: onRecord, counterparts, table, reach, clock });
    const findKeys = createFindKeys({ exchange: createExchange(reach), clock, log });
    return { partners: onRecord, counterparts, readPartners, partnerRecords, findKeys };
  },
  fields: definePartners,
  loaders:
    ({ readPartners }) =>
    ({ deadline }) => ({ partners: new DataLoader<string, PartnerDocument | null>(deadline.before(readPartners)) }),
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Partner: PartnerDocument;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly partners: Partners;
    readonly counterparts: Counterparts;
    /** By client id; one command for all requests that are at the same point. */
    readonly readPartners: PartnerRead;
    readonly partnerRecords: PartnerOperations;
    readonly findKeys: FindKeys;
  }
  interface Context {
    readonly partners: DataLoader<string, PartnerDocument | null>;
  }
}
