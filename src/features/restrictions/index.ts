import type { OfPerson } from '../../graphql/object-ids.ts';
import type { RecordStaffAct } from '../../ledger/book/audit.ts';
import { deriveSecret } from '../../store/derive.ts';
import type { Restriction } from '../../subject/model.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createRestrictionFiller } from './fill-restrictions.ts';
import { createRestrictionOperations, type RestrictionOperations, type RestrictionRequest } from './operations.ts';
import { defineRestrictions } from './schema.ts';

interface Needs extends Core {
  readonly recordAct: RecordStaffAct;
}

/** Purposes for which people ask not to have their data used; staff may agree. */
export const restrictions = feature({
  about: 'restrictions',
  operations: (needs: Needs) => ({
    restrictions: createRestrictionOperations({
      ...needs,
      secret: deriveSecret(needs.sharedSecret, 'restriction requests'),
    }),
    fillRestrictions: createRestrictionFiller(needs),
  }),
  fields: defineRestrictions,
  sweeps: ({ fillRestrictions }) => [fillRestrictions],
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Restriction: OfPerson<Restriction>;
    RestrictionRequest: RestrictionRequest;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly restrictions: RestrictionOperations;
    readonly fillRestrictions: () => Promise<void>;
  }
}
