import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createOrderOperations, type OrderOperations } from './operations.ts';
import { defineOrders, type OrderPart, type PaymentCardPart } from './schema.ts';

export const orders = feature({
  optional: 'orders',
  operations: ({ store, changes, vaultOf, clock }: Core) => ({
    orders: createOrderOperations(store, changes, vaultOf, clock),
  }),
  fields: defineOrders,
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Order: OrderPart;
    PaymentCard: PaymentCardPart;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly orders: OrderOperations;
  }
}
