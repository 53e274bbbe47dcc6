import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { Counterparts } from '../partners/counterparts.ts';
import { type AdvertisingOperations, createAdvertisingOperations } from './operations.ts';
import { defineAdvertising } from './schema.ts';

export const advertising = feature({
  optional: 'advertising',
  operations: ({ changes, counterparts }: Core & { readonly counterparts: Counterparts }) => ({
    advertising: createAdvertisingOperations(changes, counterparts),
  }),
  fields: defineAdvertising,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly advertising: AdvertisingOperations;
  }
}
