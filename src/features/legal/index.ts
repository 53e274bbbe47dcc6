import type { Books } from '../../enforcement/release-gate.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createLegalOperations, type LegalOperations } from './operations.ts';
import { defineLegal } from './schema.ts';

export const legal = feature({
  operations: (needs: Core & { readonly books: Books }) => ({ legal: createLegalOperations(needs) }),
  fields: defineLegal,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly legal: LegalOperations;
  }
}
