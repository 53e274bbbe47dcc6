import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY } from '../support/clock.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

type Caller = ReturnType<typeof partner>;

const BILLING = 'name billing-address payment-card card-expiry processor-token';
const self = member('u1');
const payA = partner('pay-a', 'billing', BILLING);
const payB = partner('pay-b', 'billing', BILLING);
const support = staff('support', 'customer-support');

const contracted = (clientId: string, kind: string, purpose: string) => ({
  ...{ clientId, name: clientId, kind, jurisdiction: 'US' },
  contract: { purposes: [purpose] },
});
const PARTNERS = [
  contracted('pay-a', 'PAYMENT_PROCESSOR', 'billing'),
  contracted('pay-b', 'PAYMENT_PROCESSOR', 'billing'),
  contracted('heir', 'SUCCESSOR', 'succession'),
];
const WORLD = {
  users: [{ id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@example.com', country: 'US' }],
  partners: PARTNERS,
  successions: [{ partner: 'heir', announcedAt: '2020-01-01T00:00:00Z' }],
  legalProcesses: [{ id: 'lp', authority: 'A court', subject: 'u1', categories: ['PAYMENT_CARD', 'BILLING_ADDRESS'] }],
};
const START = '2026-03-10T12:00:00.000Z';

let world: TestWorld;
const clock = createClock(START);
beforeAll(async () => {
  world = await createWorld({}, { clock });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
  await world.load(WORLD);
});
afterAll(() => world.close());

const people = () => world.store.connection.getClient().db(world.store.connection.name).collection('people');

/** A card and an address that a number tells from all others. */
const inputOf = (n: number, processor: string) => ({
  ...{ processor, processorToken: `tok-${n}`, brand: `BRAND ${n}`, lastFour: `000${n}`, expiry: `203${n}-0${n}` },
  billingAddress: { street: `${n} Quill Row`, country: 'US' },
});
const cardOf = (n: number) => ({ brand: `BRAND ${n}`, lastFour: `000${n}`, expiry: `203${n}-0${n}` });
const addressOf = (n: number) => ({ street: `${n} Quill Row` });
/** The values that a processor is shown of the order billed with card and address n. */
const billedWith = (n: number) => ({
  billingAddress: addressOf(n),
  paymentCard: { ...cardOf(n), processorToken: `tok-${n}` },
});
const NOTHING_GIVEN = { billingAddress: null, paymentCard: null };

const PLACE = `mutation ($input: OrderInput!) { placeOrder(input: $input) {
  order { id status paymentCard { brand lastFour expiry } billingAddress { street } } user { id }
} }`;
const place = async (n: number, processor: string): Promise<string> => {
  const { data, errors } = await world.ask(self, PLACE, { input: inputOf(n, processor) });
  expect(errors).toEqual([]);
  return data.placeOrder.order.id;
};
const CANCEL = 'mutation ($order: ID!) { cancelOrder(order: $order) { order { id status } user { id } } }';
const cancel = (order: string, caller: Caller | null = self) => world.ask(caller, CANCEL, { order });
const report = async (caller: Caller, order: string, outcome: 'FAILED' | 'FILLED') => {
  const { data } = await world.ask(self, `{ me { partnerId(clientId: "${caller.sub}") } }`);
  return world.ask(
    caller,
    'mutation ($user: ID!, $order: ID!, $outcome: OrderOutcome!) { reportOrder(user: $user, order: $order, outcome: $outcome) }',
    { user: data.me.partnerId, order, outcome },
  );
};
/** The values that a processor is shown of people; none where none exists for it. */
const seenBy = async (caller: Caller) => {
  const FIELDS = 'billingAddress { street } paymentCard { brand lastFour expiry processorToken }';
  const { data, errors } = await world.ask(caller, `{ users { edges { node { ${FIELDS} } } } }`);
  expect(errors).toEqual([]);
  return data.users.edges.map(({ node }: { node: object }) => node);
};
const me = async () => {
  const { data } = await world.ask(
    self,
    `{ me { paymentCard { brand lastFour expiry } billingAddress { street }
      orders { id status paymentCard { brand lastFour expiry } billingAddress { street } } } }`,
  );
  return data.me;
};
const stateInFile = (person: object) => world.load({ users: [{ ...WORLD.users[0], ...person }], partners: PARTNERS });
const inFile = (n: number) => {
  const { processorToken, brand, lastFour, expiry, billingAddress } = inputOf(n, '');
  return { billingAddress, paymentCard: { brand, lastFour, expiry, processorToken } };
};

describe('purchases.billing: a card, its token and its address belong to the order and processor that they were given for', () => {
  test('each of two processors sees the values of its own order, and none of the other’s', async () => {
    await place(1, 'pay-a');
    await place(2, 'pay-b');
    expect(await seenBy(payA)).toEqual([billedWith(1)]);
    expect(await seenBy(payB)).toEqual([billedWith(2)]);
  });

  test('of several orders with one processor the newest that is not settled counts', async () => {
    const [first, second, third] = [await place(1, 'pay-a'), await place(2, 'pay-a'), await place(3, 'pay-a')];
    expect(await seenBy(payA)).toEqual([billedWith(3)]);
    await report(payA, third, 'FILLED');
    expect(await seenBy(payA)).toEqual([billedWith(2)]);
    await cancel(second);
    expect(await seenBy(payA)).toEqual([billedWith(1)]);
    await report(payA, first, 'FILLED');
    expect(await seenBy(payA)).toEqual([]);
  });

  test('the newest is the order placed last, by any clock and whichever failed', async () => {
    const first = await place(1, 'pay-a');
    clock.set(new Date(Date.parse(START) - DAY).toISOString());
    await place(2, 'pay-a');
    expect(await seenBy(payA)).toEqual([billedWith(2)]);
    await report(payA, first, 'FAILED');
    expect(await seenBy(payA)).toEqual([billedWith(2)]);
  });

  test('values of a world file serve every order that has none of its own, and no other', async () => {
    await stateInFile({
      ...inFile(1),
      orders: [
        { id: 'a', processor: 'pay-a' },
        { id: 'b', processor: 'pay-b' },
      ],
    });
    expect([await seenBy(payA), await seenBy(payB)]).toEqual([[billedWith(1)], [billedWith(1)]]);
    const own = await place(2, 'pay-a');
    expect([await seenBy(payA), await seenBy(payB)]).toEqual([[billedWith(2)], [billedWith(1)]]);
    await cancel(own);
    expect([await seenBy(payA), await seenBy(payB)]).toEqual([[billedWith(1)], [billedWith(1)]]);
  });

  test('an order without values of its own has null, with any values on other orders', async () => {
    await place(1, 'pay-b');
    await stateInFile({ orders: [{ id: 'a', processor: 'pay-a', status: 'FAILED' }] });
    expect(await seenBy(payA)).toEqual([NOTHING_GIVEN]);
    expect((await me()).orders).toMatchObject([
      { status: 'OPEN', paymentCard: cardOf(1) },
      { id: 'a', ...NOTHING_GIVEN },
    ]);
  });

  test('a world file that is loaded again gives nothing anew, and opens no order that was settled', async () => {
    const file = {
      ...inFile(1),
      orders: [
        { id: 'a', processor: 'pay-a' },
        { id: 'b', processor: 'pay-b' },
      ],
    };
    await stateInFile(file);
    await place(2, 'pay-b');
    await cancel('b');
    const read = () => people().findOne({ publicId: 'u1' }, { projection: { facts: 1, billings: 1, revision: 1 } });
    const before = await read();
    await stateInFile(file);
    expect(await read()).toEqual(before);
    expect([await seenBy(payA), await seenBy(payB)]).toEqual([[billedWith(1)], [billedWith(2)]]);
    expect((await me()).paymentCard).toEqual(cardOf(2));
  });

  test.each([
    { name: 'the person', caller: self },
    { name: 'support', caller: support },
    { name: 'a successor', caller: partner('heir', 'succession', 'payment-card') },
    { name: 'legal staff', caller: staff('legal', 'legal-process') },
  ])('$name is shown the card that was given last', async ({ name, caller }) => {
    await place(1, 'pay-a');
    await place(2, 'pay-b');
    const idFor = async () => (await world.ask(self, '{ me { partnerId(clientId: "heir") } }')).data.me.partnerId;
    const id = name === 'a successor' ? await idFor() : 'u1';
    const { data } = await world.ask(caller, 'query ($id: ID!) { user(id: $id) { paymentCard { brand lastFour } } }', {
      id,
    });
    expect(data.user.paymentCard).toEqual({ brand: 'BRAND 2', lastFour: '0002' });
  });

  test('the person sees the billing of each order, and privacy staff does not', async () => {
    const [first, second] = [await place(1, 'pay-a'), await place(2, 'pay-b')];
    expect((await me()).orders).toEqual([
      { id: first, status: 'OPEN', paymentCard: cardOf(1), billingAddress: addressOf(1) },
      { id: second, status: 'OPEN', paymentCard: cardOf(2), billingAddress: addressOf(2) },
    ]);
    await world.ask(self, 'mutation { openPrivacyCase(message: "What is held?") { id } }');
    const { data, errors } = await world.ask(
      staff('privacy', 'privacy-request'),
      '{ user(id: "u1") { orders(first: 1) { id paymentCard { brand } billingAddress { street } } } }',
    );
    expect(data.user.orders).toEqual([{ id: first, paymentCard: null, billingAddress: null }]);
    expect(errors.map(({ extensions }) => extensions.category).sort()).toEqual(['BILLING_ADDRESS', 'PAYMENT_CARD']);
  });

  test('an export has each of them, with its order', async () => {
    const [first, second] = [await place(1, 'pay-a'), await place(2, 'pay-b')];
    const { data } = await world.ask(self, 'mutation { requestExport }');
    const held = new Map(
      data.requestExport['dpv:hasPersonalData'].map((item: { category: string }) => [item.category, item]),
    );
    expect(held.get('BILLING_ADDRESS')).toMatchObject({
      value: { street: '2 Quill Row' },
      ofOrders: [
        { order: first, value: { street: '1 Quill Row' } },
        { order: second, value: { street: '2 Quill Row' } },
      ],
    });
    expect(held.get('CARD_EXPIRY')).toMatchObject({
      value: '2032-02',
      ofOrders: [{ value: '2031-01' }, { value: '2032-02' }],
    });
    expect(JSON.stringify(data)).not.toContain('tok-');
  });

  test('once an order is settled its card and address go, unless they are the newest: those are the person’s', async () => {
    const [first, second] = [await place(1, 'pay-a'), await place(2, 'pay-b')];
    const held = async () =>
      (await people().findOne({ publicId: 'u1' }))?.billings.map((billing: { order: string; values: object }) => [
        billing.order,
        Object.keys(billing.values).sort(),
      ]);
    const WHOLE = ['BILLING_ADDRESS', 'CARD_EXPIRY', 'PAYMENT_CARD', 'PROCESSOR_TOKEN'];
    expect(await held()).toEqual([
      [first, WHOLE],
      [second, WHOLE],
    ]);
    await report(payA, first, 'FILLED');
    expect(await held()).toEqual([[second, WHOLE]]);
    clock.advance(1);
    await cancel(second);
    expect(await held()).toEqual([[second, ['BILLING_ADDRESS', 'CARD_EXPIRY', 'PAYMENT_CARD']]]);
    expect(await me()).toMatchObject({
      ...{ paymentCard: cardOf(2), billingAddress: addressOf(2) },
      orders: [
        { status: 'CANCELLED', ...NOTHING_GIVEN },
        { status: 'FILLED', ...NOTHING_GIVEN },
      ],
    });
  });

  test('values of two orders lie sealed, and none opens in the place of the other', async () => {
    const [first] = [await place(1, 'pay-a'), await place(2, 'pay-b')];
    const person = await people().findOne({ publicId: 'u1' });
    expect(JSON.stringify(person)).not.toMatch(/BRAND|Quill|tok-|203\d-0/);
    const [one, other] = (person as unknown as { billings: object[] }).billings;
    await people().updateOne({ publicId: 'u1' }, { $set: { billings: [{ ...other, order: first }, one] } });
    const { errors } = await world.ask(payA, '{ users { edges { node { paymentCard { brand } } } } }');
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL']);
  });
});

describe('purchases.billing: support sees which card to speak of while an order is not settled', () => {
  const cardForSupport = async () => {
    const { data, errors } = await world.ask(support, '{ user(id: "u1") { name paymentCard { brand expiry } } }');
    expect(data.user.name).toBe('Nia Ko');
    return { card: data.user.paymentCard, denied: errors.map(({ extensions }) => extensions.category) };
  };

  test('with whichever processor, and its expiry never', async () => {
    const order = await place(1, 'pay-b');
    expect(await cardForSupport()).toEqual({ card: { brand: 'BRAND 1', expiry: null }, denied: ['CARD_EXPIRY'] });
    await report(payB, order, 'FAILED');
    expect(await cardForSupport()).toEqual({ card: { brand: 'BRAND 1', expiry: null }, denied: ['CARD_EXPIRY'] });
  });

  test.each(['FILLED', 'CANCELLED'])('not once every order is %s, nor before there was any', async (status) => {
    const DENIED = { card: null, denied: ['PAYMENT_CARD'] };
    await stateInFile(inFile(1));
    expect(await cardForSupport()).toEqual(DENIED);
    const order = await place(2, 'pay-a');
    if (status === 'FILLED') await report(payA, order, 'FILLED');
    else await cancel(order);
    expect(await cardForSupport()).toEqual(DENIED);
  });
});

describe('purchases.billing: the person cancels an order', () => {
  test('its processor sees nothing because of it from then on, and the ledger has it', async () => {
    const order = await place(1, 'pay-a');
    expect(await seenBy(payA)).toHaveLength(1);
    const { data, errors } = await cancel(order);
    expect(errors).toEqual([]);
    expect(data.cancelOrder).toEqual({ order: { id: order, status: 'CANCELLED' }, user: { id: 'u1' } });
    expect(await seenBy(payA)).toEqual([]);
    expect((await me()).orders).toMatchObject([{ id: order, status: 'CANCELLED' }]);
    const ledger = (await world.ask(self, 'mutation { requestExport }')).data.requestExport.ledger;
    expect(ledger.filter(({ type }: { type: string }) => type === 'ORDER')).toMatchObject([
      { order, status: 'CANCELLED' },
      { order, status: 'OPEN' },
    ]);
  });

  test('also an order of a world file, one that failed, and one that was placed in the same request', async () => {
    await stateInFile({ ...inFile(1), orders: [{ id: 'a', processor: 'pay-a', status: 'FAILED' }] });
    expect((await cancel('a')).data.cancelOrder.order).toEqual({ id: 'a', status: 'CANCELLED' });
    expect(await seenBy(payA)).toEqual([]);
  });

  test('cancelling it again changes nothing', async () => {
    const order = await place(1, 'pay-a');
    await cancel(order);
    const before = await people().findOne(
      { publicId: 'u1' },
      { projection: { facts: 1, 'ledger.head': 1, billings: 1 } },
    );
    expect((await cancel(order)).data.cancelOrder.order).toEqual({ id: order, status: 'CANCELLED' });
    const after = await people().findOne(
      { publicId: 'u1' },
      { projection: { facts: 1, 'ledger.head': 1, billings: 1 } },
    );
    expect(after).toEqual(before);
  });

  test('a filled order can not be cancelled', async () => {
    const order = await place(1, 'pay-a');
    await report(payA, order, 'FILLED');
    expect((await cancel(order)).errors[0]?.extensions).toEqual({ code: 'CONFLICT' });
    expect((await me()).orders).toMatchObject([{ id: order, status: 'FILLED' }]);
  });

  test.each(['FAILED', 'FILLED'] as const)('a later report of its processor, %s, changes nothing', async (outcome) => {
    const order = await place(1, 'pay-a');
    const other = await place(2, 'pay-a');
    await cancel(order);
    expect((await report(payA, order, outcome)).data).toEqual({ reportOrder: true });
    expect((await me()).orders).toMatchObject([
      { id: other, status: 'OPEN' },
      { id: order, status: 'CANCELLED' },
    ]);
  });

  test('of a cancellation and a fulfilment at once one counts, and both are told which', async () => {
    const order = await place(1, 'pay-a');
    const [cancelled] = await Promise.all([cancel(order), report(payA, order, 'FILLED')]);
    const [{ status }] = (await me()).orders;
    expect(status).toBe(cancelled.errors.length === 0 ? 'CANCELLED' : 'FILLED');
    expect((await me()).orders).toHaveLength(1);
    expect(await seenBy(payA)).toEqual([]);
  });

  test('an end that was cut off before it left the record is finished by the next, as it began', async () => {
    const order = await place(1, 'pay-a');
    const open = await people().findOne({ publicId: 'u1' });
    await cancel(order);
    await people().updateOne(
      { publicId: 'u1' },
      { $set: { 'facts.orders': open?.facts.orders, billings: open?.billings } },
    );
    expect((await me()).orders).toMatchObject([{ id: order, status: 'OPEN' }]);
    await report(payA, order, 'FILLED');
    expect((await me()).orders).toMatchObject([{ id: order, status: 'CANCELLED' }]);
    expect(await seenBy(payA)).toEqual([]);
  });

  test.each([
    { name: 'nobody’s order', order: 'nothing', caller: self, code: 'BAD_INPUT' },
    { name: 'another person’s order', order: 'theirs', caller: self, code: 'BAD_INPUT' },
    { name: 'anything by its processor', order: 'theirs', caller: payA, code: 'FORBIDDEN' },
    { name: 'anything by a visitor', order: 'theirs', caller: null, code: 'FORBIDDEN' },
  ])('$name can not be cancelled', async ({ order, caller, code }) => {
    await world.load({
      users: [{ id: 'u2', avatarName: 'Two', orders: [{ id: 'theirs', processor: 'pay-a' }] }],
      partners: PARTNERS,
    });
    expect((await cancel(order, caller)).errors[0]?.extensions.code).toBe(code);
    expect((await world.ask(member('u2'), '{ me { orders { status } } }')).data.me.orders).toEqual([
      { status: 'OPEN' },
    ]);
  });

  test('it stays open to a person who refused the policy, and is no use of the site', async () => {
    const order = await place(1, 'pay-a');
    await world.ask(self, 'mutation { refusePolicy { user { id } } }');
    expect((await cancel(order)).data.cancelOrder.order.status).toBe('CANCELLED');
  });
});

describe('rights.correction: a corrected billing address takes the place of the one that was given last', () => {
  const CORRECT =
    'mutation { correctPersonalData(input: { billingAddress: { street: "9 New Row" } }) { corrections { previousValue } user { billingAddress { street } } } }';

  test('its order has it, and an order that another was given for keeps that one', async () => {
    await place(1, 'pay-a');
    await place(2, 'pay-b');
    const { data } = await world.ask(self, CORRECT);
    expect(data.correctPersonalData.user.billingAddress).toEqual({ street: '9 New Row' });
    expect(JSON.parse(data.correctPersonalData.corrections[0].previousValue)).toMatchObject({ street: '2 Quill Row' });
    expect(await seenBy(payA)).toEqual([billedWith(1)]);
    expect(await seenBy(payB)).toEqual([{ ...billedWith(2), billingAddress: { street: '9 New Row' } }]);
  });

  test('where none was given, it serves the orders without one of their own', async () => {
    await stateInFile({ orders: [{ id: 'a', processor: 'pay-a' }] });
    await world.ask(self, CORRECT);
    expect(await seenBy(payA)).toEqual([{ billingAddress: { street: '9 New Row' }, paymentCard: null }]);
    await place(2, 'pay-b');
    expect(await seenBy(payB)).toEqual([billedWith(2)]);
  });
});

describe('rights.deletion: cards and addresses are deleted, except those that bill an unsettled order', () => {
  const remove = async () => {
    const { data } = await world.ask(
      self,
      'mutation { deletePersonalData(categories: [PAYMENT_CARD, BILLING_ADDRESS]) { deleted kept ledgerEntry { type } } }',
    );
    return data.deletePersonalData;
  };
  const ALL = ['PAYMENT_CARD', 'CARD_EXPIRY', 'PROCESSOR_TOKEN', 'BILLING_ADDRESS'];

  test('the values its processor needs stay, and the newest of a settled order goes', async () => {
    await place(1, 'pay-a');
    const newest = await place(2, 'pay-b');
    await cancel(newest);
    expect(await me()).toMatchObject({ paymentCard: cardOf(2), billingAddress: addressOf(2) });
    // nothing is gone as a whole: no recipient is told to erase values that an order needs
    expect(await remove()).toEqual({ deleted: [], kept: ALL, ledgerEntry: null });
    expect(await seenBy(payA)).toEqual([billedWith(1)]);
    expect(await me()).toMatchObject({ paymentCard: cardOf(1), billingAddress: addressOf(1) });
    expect(await remove()).toEqual({ deleted: [], kept: ALL, ledgerEntry: null });
  });

  test('the value before a correction goes, though its order keeps the address', async () => {
    await place(1, 'pay-a');
    await world.ask(
      self,
      'mutation { correctPersonalData(input: { billingAddress: { street: "x" } }) { user { id } } }',
    );
    await remove();
    const { data } = await world.ask(self, '{ me { corrections { category } billingAddress { street } } }');
    expect(data.me).toEqual({ corrections: [], billingAddress: { street: 'x' } });
  });

  test('once every order is settled all of it goes', async () => {
    await cancel(await place(1, 'pay-a'));
    expect(await remove()).toEqual({ deleted: ALL, kept: [], ledgerEntry: { type: 'DELETION' } });
    expect((await people().findOne({ publicId: 'u1' }))?.billings).toEqual([]);
    expect(await me()).toMatchObject(NOTHING_GIVEN);
  });

  test('an erased person leaves no card behind', async () => {
    await place(1, 'pay-a');
    const { data } = await world.ask(self, 'mutation { requestErasure { confirmation } }');
    await world.ask(self, 'mutation ($c: String!) { eraseAccount(confirmation: $c) { erasedAt } }', {
      c: data.requestErasure.confirmation,
    });
    expect(await people().countDocuments({ billings: { $exists: true } })).toBe(0);
  });
});

describe('purchases.billing: a card that has expired is refused', () => {
  const placeWith = async (expiry: string) =>
    (await world.ask(self, PLACE, { input: { ...inputOf(1, 'pay-a'), expiry } })).errors.map(
      ({ extensions }) => extensions,
    );
  const REFUSED = [{ code: 'BAD_INPUT', argument: 'input.expiry', expected: 'a month, YYYY-MM, that is not over' }];

  test.each([
    { now: '2026-03-10T12:00:00.000Z', expiry: '2026-03', errors: [], name: 'this month is good' },
    { now: '2026-03-10T12:00:00.000Z', expiry: '2026-02', errors: REFUSED, name: 'last month is over' },
    {
      now: '2026-04-01T11:59:59.999Z',
      expiry: '2026-03',
      errors: [],
      name: 'a month goes on until it is over everywhere',
    },
    { now: '2026-04-01T12:00:00.000Z', expiry: '2026-03', errors: REFUSED, name: 'and not a moment longer' },
    { now: '2027-01-01T12:00:00.000Z', expiry: '2026-12', errors: REFUSED, name: 'December of last year is over' },
    { now: '2026-03-10T12:00:00.000Z', expiry: '0026-12', errors: REFUSED, name: 'so is a year long gone' },
    { now: '2026-03-10T12:00:00.000Z', expiry: '2026-13', errors: REFUSED, name: 'a thirteenth month is none' },
    { now: '2026-03-10T12:00:00.000Z', expiry: '2031-9', errors: REFUSED, name: 'nor is one of one digit' },
  ])('$name: $expiry at $now', async ({ now, expiry, errors }) => {
    clock.set(now);
    expect(await placeWith(expiry)).toEqual(errors);
    expect(await seenBy(payA)).toHaveLength(errors.length === 0 ? 1 : 0);
  });
});
