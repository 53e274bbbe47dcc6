import { DEVICES_LAYOUT } from '../../store/mongo/repositories/devices.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createDevices, type Devices } from './operations.ts';
import { defineDevices } from './schema.ts';

export const devices = feature({
  optional: 'devices',
  operations: ({ store, clock }: Core) => ({ devices: createDevices(store, clock) }),
  fields: defineDevices,
  layout: [DEVICES_LAYOUT],
  sweeps: (services) => [services.devices.sweep],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly devices: Devices;
  }
}
