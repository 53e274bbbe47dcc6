import type { RecordStaffAct } from '../../ledger/book/audit.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createValueOperations, type ValueOperations } from './operations.ts';
import { defineWrites } from './schema.ts';

/** Values that staff write, and single items of lists that people add and remove. */
export const values = feature({
  operations: (needs: Core & { readonly recordAct: RecordStaffAct }) => ({ values: createValueOperations(needs) }),
  fields: defineWrites,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly values: ValueOperations;
  }
}
