import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BILLING_CATEGORIES,
  type Billing,
  type BillingValues,
  billingOf,
  isNeeded,
  newestGiven,
  stillHeld,
  withoutCategories,
} from '../../src/subject/billing.ts';
import { newestOrderWith, type Order } from '../../src/subject/orders.ts';

const order = (id: string, status: Order['status'] = 'OPEN', processor = 'p'): Order => ({ id, processor, status });
const given = (id: string | null, n: number): Billing<BillingValues> => ({
  order: id,
  values: {
    PAYMENT_CARD: { lastFour: `${n}` },
    CARD_EXPIRY: `203${n}-01`,
    PROCESSOR_TOKEN: `tok ${n}`,
    BILLING_ADDRESS: { street: `${n}` },
  },
});

const ids = fc.constantFrom('a', 'b', 'c');
const values: fc.Arbitrary<BillingValues> = fc
  .tuple(fc.nat(9), fc.subarray([...BILLING_CATEGORIES], { minLength: 1 }))
  .map(([n, held]) => {
    // no expiry and no token is held without its card
    const whole = held.includes('CARD_EXPIRY') || held.includes('PROCESSOR_TOKEN') ? [...held, 'PAYMENT_CARD'] : held;
    return Object.fromEntries(Object.entries(given(null, n).values).filter(([category]) => whole.includes(category)));
  });
const billings = fc.uniqueArray(fc.record({ order: fc.option(ids, { nil: null, freq: 2 }), values }), {
  selector: (billing) => billing.order,
  maxLength: 4,
});
const orders = fc.uniqueArray(
  fc.record({
    id: ids,
    processor: fc.constantFrom('p', 'q'),
    status: fc.constantFrom<Order['status']>('OPEN', 'FAILED', 'FILLED', 'CANCELLED'),
  }),
  { selector: ({ id }) => id },
);
const isUnsettled = ({ status }: Order) => status === 'OPEN' || status === 'FAILED';

describe('the billing data that is still needed', () => {
  const check = (holds: (all: Billing<BillingValues>[], known: Order[]) => void) =>
    fc.assert(fc.property(billings, orders, (all, known) => holds(all, known)));

  test('keeps the billing data of every order that is not settled', () =>
    check((all, known) => {
      for (const { id } of known.filter(isUnsettled))
        for (const category of BILLING_CATEGORIES)
          expect(billingOf(stillHeld(all, known), id, category)?.values[category]).toEqual(
            billingOf(all, id, category)?.values[category],
          );
    }));

  test('keeps the newest card and the newest address for the person', () =>
    check((all, known) => {
      for (const category of ['PAYMENT_CARD', 'CARD_EXPIRY', 'BILLING_ADDRESS'] as const)
        expect(newestGiven(stillHeld(all, known), category)?.values[category]).toEqual(
          newestGiven(all, category)?.values[category],
        );
    }));

  test('keeps no token of a settled order', () =>
    check((all, known) => {
      const open = known.filter(isUnsettled).map(({ id }) => id);
      for (const billing of stillHeld(all, known))
        if (billing.order !== null && !open.includes(billing.order))
          expect(billing.values).not.toHaveProperty('PROCESSOR_TOKEN');
    }));

  test('keeps only needed and newest data, so that a second pass removes nothing', () =>
    check((all, known) => {
      const held = stillHeld(all, known);
      for (const billing of held)
        expect(
          isNeeded(billing, held, known) ||
            Object.keys(billing.values).every((category) => newestGiven(held, category as 'PAYMENT_CARD') === billing),
        ).toBe(true);
      expect(stillHeld(held, known)).toEqual(held);
    }));
});

describe('the card that an order is billed with', () => {
  const all = [given(null, 1), given('a', 2), given('b', 3)];
  test.each([
    { name: 'its own', id: 'a', lastFour: '2' },
    { name: 'the one given for no order, if it has none of its own', id: 'c', lastFour: '1' },
  ])('is $name', ({ id, lastFour }) =>
    expect(billingOf(all, id, 'PAYMENT_CARD')?.values.PAYMENT_CARD).toEqual({ lastFour }));

  test('is none that was given for another order', () =>
    expect(billingOf(all.slice(1), 'c', 'PAYMENT_CARD')).toBeUndefined());

  test('is its own alone, also where that lacks a part', () => {
    const [address] = withoutCategories([given('a', 2)], ['PAYMENT_CARD', 'CARD_EXPIRY', 'PROCESSOR_TOKEN']);
    const some = [given(null, 1), address as Billing<BillingValues>];
    expect(billingOf(some, 'a', 'CARD_EXPIRY')?.values.CARD_EXPIRY).toBeUndefined();
  });
});

test('the expiry beside a card is that of the card, or none', () => {
  const all = [given('a', 1), { order: null, values: { PAYMENT_CARD: { lastFour: '2' } } }];
  expect(newestGiven(all, 'CARD_EXPIRY')?.values).toEqual({ PAYMENT_CARD: { lastFour: '2' } });
});

describe('the newest order with a processor', () => {
  test.each([
    { name: 'is the last in place', orders: [order('a'), order('b')], id: 'b' },
    { name: 'is not settled', orders: [order('a', 'FAILED'), order('b', 'CANCELLED')], id: 'a' },
    { name: 'is the processor’s own', orders: [order('a'), order('b', 'OPEN', 'q')], id: 'a' },
    { name: 'is none where every order is settled', orders: [order('a', 'FILLED')], id: undefined },
    { name: 'is none where the orders can not be read', orders: 'one', id: undefined },
    { name: 'is none among values of another form', orders: [null, 'a', 1], id: undefined },
  ])('$name', ({ orders: known, id }) => expect(newestOrderWith({ orders: known }, 'p')?.id).toBe(id));
});
