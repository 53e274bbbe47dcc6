import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createRetentionSweep, type RetentionSweep } from './operations.ts';

/** Values whose time is over are deleted: what the vocabulary of a company says with `keep`. */
export const retention = feature({
  operations: (needs: Core) => ({ retention: createRetentionSweep(needs) }),
  sweeps: (services) => [services.retention.sweep],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly retention: RetentionSweep;
  }
}
