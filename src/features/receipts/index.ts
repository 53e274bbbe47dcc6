import DataLoader from 'dataloader';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createReceipts, type Receipts } from './operations.ts';
import { defineReceipts } from './schema.ts';

type Holders = DataLoader<SubjectId, PersonDocument | null>;

/** Signed copies of acts and disclosures. */
export const receipts = feature({
  operations: (needs: Core) => ({ receipts: createReceipts(needs) }),
  fields: defineReceipts,
  loaders:
    ({ people }) =>
    ({ deadline }): { receiptHolders: Holders } => ({
      receiptHolders: new DataLoader(
        deadline.before(async (sids) => {
          const found = new Map((await people.findBySids(sids)).map((person) => [person._id, person]));
          return sids.map((sid) => found.get(sid) ?? null);
        }),
      ),
    }),
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly receipts: Receipts;
  }
  interface Context {
    /** The people that receipts are for, by internal id. */
    readonly receiptHolders: Holders;
  }
}
