import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { defineNewsletters } from './schema.ts';
import { createSuppressions, SUPPRESSIONS, type Suppressions } from './suppressions.ts';

export const newsletters = feature({
  operations: ({ store, blindIndex, table }: Core) => ({ suppressions: createSuppressions(store, blindIndex, table) }),
  fields: defineNewsletters,
  layout: [{ name: SUPPRESSIONS, indexes: [], shardKey: { _id: 1 } }],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly suppressions: Suppressions;
  }
}
