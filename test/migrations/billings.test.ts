import { describe, expect, test } from 'vitest';
import { attributeBillings, type FormerBilling, inOrderOfPlacing } from '../../src/migrations/billings.ts';
import type { Order } from '../../src/subject/orders.ts';

const order = (id: string, processor: string): Order => ({ id, processor, status: 'OPEN' });
const CARD = { PAYMENT_CARD: { lastFour: '4242' }, CARD_EXPIRY: '2029-01', BILLING_ADDRESS: { street: 'Oak' } };
const token = (processor: string | null) => ({ processor, token: `tok ${processor}` });
const alone = (id: string | null, processor: string | null) => ({
  order: id,
  values: { PAYMENT_CARD: {}, PROCESSOR_TOKEN: `tok ${processor}` },
});
const whole = (id: string | null, processor: string | null) => ({
  order: id,
  values: { ...CARD, PROCESSOR_TOKEN: `tok ${processor}` },
});

describe('one card with a token for each processor becomes the billing data of each order', () => {
  test.each<{ name: string; former: FormerBilling; orders: Order[]; placed: string[]; becomes: unknown[] }>([
    {
      name: 'a world file’s card was given for no order',
      former: { ...CARD, PROCESSOR_TOKEN: [token(null)] },
      orders: [order('a', 'pay-a')],
      placed: [],
      becomes: [whole(null, null)],
    },
    {
      name: 'so was one without a token, where no order was placed',
      former: CARD,
      orders: [order('a', 'pay-a')],
      placed: [],
      becomes: [{ order: null, values: CARD }],
    },
    {
      name: 'an address alone was, too',
      former: { BILLING_ADDRESS: { street: 'Oak' } },
      orders: [],
      placed: [],
      becomes: [{ order: null, values: { BILLING_ADDRESS: { street: 'Oak' } } }],
    },
    {
      name: 'the card of the order that was placed last is that order’s',
      former: { ...CARD, PROCESSOR_TOKEN: [token('pay-a')] },
      orders: [order('a1', 'pay-a'), order('a2', 'pay-a')],
      placed: ['a1', 'a2'],
      becomes: [whole('a2', 'pay-a')],
    },
    {
      name: 'another processor has its own token alone',
      former: { ...CARD, PROCESSOR_TOKEN: [token('pay-b'), token('pay-a')] },
      orders: [order('a', 'pay-a'), order('b', 'pay-b')],
      placed: ['a', 'b'],
      becomes: [alone('a', 'pay-a'), whole('b', 'pay-b')],
    },
    {
      name: 'where the last order is settled, its card is the person’s, and its processor’s other order has the token',
      former: { ...CARD, PROCESSOR_TOKEN: [token('pay-a'), token('pay-b')] },
      orders: [order('a1', 'pay-a'), order('b', 'pay-b')],
      placed: ['a1', 'b', 'a2'],
      becomes: [alone('b', 'pay-b'), alone('a1', 'pay-a'), { order: 'a2', values: CARD }],
    },
    {
      name: 'a token goes if its processor has nothing to settle',
      former: { ...CARD, PROCESSOR_TOKEN: [token('pay-b'), token('pay-a')] },
      orders: [order('b', 'pay-b')],
      placed: ['a', 'b'],
      becomes: [whole('b', 'pay-b')],
    },
    {
      name: 'a world file’s token serves the orders of the file, without the card that was given since',
      former: { ...CARD, PROCESSOR_TOKEN: [token('pay-b'), token(null)] },
      orders: [order('a', 'pay-a'), order('b', 'pay-b')],
      placed: ['b'],
      becomes: [alone(null, null), whole('b', 'pay-b')],
    },
    {
      name: 'a card without its deleted tokens was given with the last order, and to no other processor',
      former: CARD,
      orders: [order('a', 'pay-a')],
      placed: ['b'],
      becomes: [{ order: 'b', values: CARD }],
    },
    {
      name: 'a card given with an unknown order is shown to no processor',
      former: { ...CARD, PROCESSOR_TOKEN: [token('pay-b')] },
      orders: [order('a', 'pay-a')],
      placed: [],
      becomes: [{ order: '', values: CARD }],
    },
    { name: 'nothing becomes nothing', former: {}, orders: [order('a', 'pay-a')], placed: ['a'], becomes: [] },
  ])('$name', ({ former, orders, placed, becomes }) =>
    expect(attributeBillings(former, orders, placed)).toEqual(becomes));
});

test('orders come in the sequence of their placing, those of a world file first', () => {
  const [file, first, second] = [order('f', 'p'), order('1', 'p'), order('2', 'p')];
  expect(inOrderOfPlacing([second, file, first], ['1', '2'])).toEqual([file, first, second]);
});
