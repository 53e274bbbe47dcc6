import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { type BirthSweep, createBirthSweep } from './operations.ts';

/** Dates of birth among the facts, once a version of the policy asks for ages. */
export const ages = feature({
  operations: (needs: Core) => ({ births: createBirthSweep(needs) }),
  sweeps: (services) => [services.births.sweep],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly births: BirthSweep;
  }
}
