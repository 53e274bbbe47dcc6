import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createHeldFiller } from './fill-held.ts';
import { createRetentionSweep, type RetentionSweep } from './operations.ts';

/** Deletes values after their retention period: the `keep` of the vocabulary of a company. */
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
