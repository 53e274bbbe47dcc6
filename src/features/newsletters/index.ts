import { SUPPRESSIONS_LAYOUT } from '../../store/mongo/repositories/suppressions.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { defineNewsletters } from './schema.ts';
import { createSuppressions, type Suppressions } from './suppressions.ts';

export const newsletters = feature({
  operations: ({ store, blindIndex, table }: Core) => ({ suppressions: createSuppressions(store, blindIndex, table) }),
  fields: defineNewsletters,
  layout: [SUPPRESSIONS_LAYOUT],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly suppressions: Suppressions;
  }
}
