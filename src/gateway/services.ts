import { type Core, type CoreOptions, createCore } from '../features/core.ts';
import type { Feature } from '../features/feature.ts';
import type { Services } from '../graphql/context.ts';
import { EVERY_FEATURE, type FEATURES } from './features.ts';

/** The operations that are there once each feature of a list was given those before it. */
type Wired<Have, List> = List extends readonly [Feature<infer Needs, infer Gives, infer _>, ...infer Rest]
  ? Have extends Needs
    ? Wired<Have & Gives, Rest>
    : 'A feature needs operations that no feature before it gives.'
  : Have;

/** The operations of every feature, over one store. */
export function createServices(options: CoreOptions): Services {
  const services = createCore(options);
  // not yet all of them: `Wired` makes the compiler check that each feature finds those that it needs
  for (const { operations } of EVERY_FEATURE) Object.assign(services, operations?.(services as Core & Services));
  return services as Wired<Core, typeof FEATURES>;
}
