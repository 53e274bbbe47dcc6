import type { Partners } from '../../store/mongo/repositories/partners.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createSuccessionOperations, type SuccessionOperations } from './operations.ts';
import { defineSuccession } from './schema.ts';

export const succession = feature({
  operations: (needs: Core & { readonly partners: Partners }) => ({ successions: createSuccessionOperations(needs) }),
  fields: defineSuccession,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly successions: SuccessionOperations;
  }
}
