import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createHeldFiller } from './fill-held.ts';
import { createRetentionSweep, type RetentionSweep } from './operations.ts';

/** Values whose time is over are deleted: what the vocabulary of a company says with `keep`. */
export const retention = feature({
  operations: (needs: Core) => ({ retention: createRetentionSweep(needs), fillHeld: createHeldFiller(needs) }),
  sweeps: ({ retention: { sweep }, fillHeld }) => [sweep, fillHeld],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly retention: RetentionSweep;
    readonly fillHeld: () => Promise<void>;
  }
}
