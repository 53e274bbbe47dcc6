import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createIdempotency, IDEMPOTENCY_KEYS, type Idempotency } from './operations.ts';

export const idempotency = feature({
  operations: ({ store, blindIndex, clock }: Core) => ({ idempotency: createIdempotency(store, blindIndex, clock) }),
  layout: [{ name: IDEMPOTENCY_KEYS, indexes: [{ key: { expiresAt: 1 } }, { key: { sid: 1 } }], shardKey: null }],
  sweeps: (services) => [services.idempotency.sweep],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly idempotency: Idempotency;
  }
}
