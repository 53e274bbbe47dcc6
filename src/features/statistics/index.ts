import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createStatistics, type Statistics } from './operations.ts';
import { defineStatistics } from './schema.ts';

export const statistics = feature({
  optional: 'statistics',
  operations: ({ store, keys, allowances, table, clock }: Core) => ({
    statistics: createStatistics({ store, keys, allowances, policy: table.current, retention: table.retention, clock }),
  }),
  fields: defineStatistics,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly statistics: Statistics;
  }
}
