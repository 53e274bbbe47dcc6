import { IDEMPOTENCY_KEYS_LAYOUT } from '../../store/mongo/repositories/idempotency-keys.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createIdempotency, type Idempotency } from './operations.ts';

export const idempotency = feature({
  operations: ({ store, blindIndex, clock }: Core) => ({ idempotency: createIdempotency(store, blindIndex, clock) }),
  layout: [IDEMPOTENCY_KEYS_LAYOUT],
  sweeps: (services) => [services.idempotency.sweep],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly idempotency: Idempotency;
  }
}
