import { recordsIn } from '../base/records.ts';
import type { Facts } from '../policy/facts.ts';
import { isUnsettled } from '../policy/known-facts.ts';

/** An order of a person, from the payment processor that settles it. */
export interface Order {
  readonly id: string;
  /** The client id of the processor. */
  readonly processor: string;
  readonly status: 'OPEN' | 'FAILED' | 'FILLED' | 'CANCELLED';
}

/** The orders that stand in a person's record, in the order in which they were placed. */
export const ordersOf = ({ orders }: Pick<Facts, 'orders'>): readonly Order[] => recordsIn(orders);

/** The order that was placed last with a processor, of those that are not settled. Its place tells, and no clock. */
export const newestOrderWith = (facts: Pick<Facts, 'orders'>, processor: string): Order | undefined =>
  ordersOf(facts).findLast((order) => order.processor === processor && isUnsettled(order));
