import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createWorld, member, partner, type TestWorld } from '../support/world.ts';

const self = member('u1');
const mail = partner('mail', 'creator-notification', 'avatar-name name email postal-address cell-phone');
const pay = partner('pay', 'billing', 'name email billing-address payment-card card-expiry processor-token');
const otherPay = partner('other-pay', 'billing', 'name payment-card');

let world: TestWorld;
beforeEach(async () => {
  await world?.close();
  const processor = {
    kind: 'PAYMENT_PROCESSOR',
    jurisdiction: 'US',
    contract: { purposes: ['billing', 'order-fulfilment'] },
  };
  world = await createWorld({
    users: [{ id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@example.com', country: 'US' }],
    partners: [
      {
        clientId: 'mail',
        name: 'Mail',
        kind: 'EMAIL_PROVIDER',
        jurisdiction: 'US',
        contract: { purposes: ['creator-notification'] },
      },
      {
        clientId: 'offers',
        name: 'Offers',
        kind: 'OFFERS',
        jurisdiction: 'US',
        contract: { purposes: ['targeted-offers'] },
      },
      { clientId: 'pay', name: 'Pay', ...processor },
      { clientId: 'other-pay', name: 'Other', ...processor },
    ],
  });
});
afterAll(() => world.close());

const people = async (caller: typeof pay, fields: string) => {
  const { data } = await world.ask(caller, `{ users { edges { node { ${fields} } } } }`);
  return data.users.edges.map(({ node }: { node: object }) => node);
};

describe('programs.creator-notification: an opt-in with data of its own', () => {
  const JOIN =
    'mutation { joinCreatorNotification(postalAddress: { street: "12 Quill Row", country: "US" }, cellPhone: "202 555 0143") { preferences { creatorNotification } } }';
  const LEAVE =
    'mutation ($delete: Boolean) { leaveCreatorNotification(deleteCollected: $delete) { deleted offeredForDeletion user { preferences { creatorNotification } cellPhone postalAddress { street } } } }';
  const leave = async (wanted?: boolean) =>
    (await world.ask(self, LEAVE, { delete: wanted })).data.leaveCreatorNotification;
  const FIELDS = 'cellPhone postalAddress { street }';

  test('it is off until the person joins; then the mail provider sees the collected data, on the next read', async () => {
    expect(await people(mail, FIELDS)).toEqual([]);
    expect((await world.ask(self, JOIN)).data.joinCreatorNotification.preferences.creatorNotification).toBe(true);
    expect(await people(mail, FIELDS)).toEqual([
      { cellPhone: '202 555 0143', postalAddress: { street: '12 Quill Row' } },
    ]);
  });

  test('leaving ends the disclosure at once, and offers to delete the data collected for it alone', async () => {
    await world.ask(self, JOIN);
    expect(await leave()).toMatchObject({
      deleted: [],
      offeredForDeletion: ['POSTAL_ADDRESS', 'CELL_PHONE'],
      user: { preferences: { creatorNotification: false }, cellPhone: '202 555 0143' },
    });
    expect(await people(mail, FIELDS)).toEqual([]);
    expect(await leave(true)).toMatchObject({
      deleted: ['POSTAL_ADDRESS', 'CELL_PHONE'],
      offeredForDeletion: [],
      user: { cellPhone: null, postalAddress: null },
    });
  });

  test('data that another clause reveals is kept', async () => {
    await world.ask(self, JOIN);
    await world.ask(self, 'mutation { giveConsent(purpose: "targetedOffers") { consent { inForce } } }');
    expect(await leave(true)).toMatchObject({
      deleted: ['CELL_PHONE'],
      user: { cellPhone: null, postalAddress: { street: '12 Quill Row' } },
    });
  });

  test('a successor with the same clauses keeps nothing from being deleted', async () => {
    await world.load({
      partners: [
        {
          ...{ clientId: 'heir', name: 'Heir', kind: 'SUCCESSOR', jurisdiction: 'US' },
          contract: { purposes: ['succession'] },
        },
      ],
      successions: [{ partner: 'heir', announcedAt: '2020-01-01T00:00:00Z' }],
    });
    const heir = partner('heir', 'succession', 'name email postal-address cell-phone');
    await world.ask(self, JOIN);
    expect(await people(heir, FIELDS)).toEqual([
      { cellPhone: '202 555 0143', postalAddress: { street: '12 Quill Row' } },
    ]);
    expect(await leave()).toMatchObject({ offeredForDeletion: ['POSTAL_ADDRESS', 'CELL_PHONE'] });
    expect(await leave(true)).toMatchObject({ deleted: ['POSTAL_ADDRESS', 'CELL_PHONE'], offeredForDeletion: [] });
    expect(await people(heir, FIELDS)).toEqual([{ cellPhone: null, postalAddress: null }]);
  });

  test('data from before the person joined is not the program’s to delete', async () => {
    await world.ask(
      self,
      'mutation { correctPersonalData(input: { cellPhone: "202 555 0199" }) { user { cellPhone } } }',
    );
    await world.ask(self, JOIN);
    expect(await leave(true)).toMatchObject({ deleted: ['POSTAL_ADDRESS'], user: { cellPhone: '202 555 0143' } });
  });

  test('an address given to the program says where the person lives, which governs the next read', async () => {
    await world.load({ users: [{ id: 'fr', avatarName: 'Fleur', name: 'Fleur', email: 'fleur@example.com' }] });
    const fleur = member('fr');
    await world.ask(fleur, 'mutation { withdrawConsent(purpose: "euTransfer") { consent { inForce } } }');
    const join = (country: string) =>
      world.ask(fleur, `mutation { joinCreatorNotification(postalAddress: { country: "${country}" }) { id } }`);
    await join('US');
    expect(await people(mail, 'name')).toEqual([{ name: 'Fleur' }]);
    await join('FR');
    expect(await people(mail, 'name')).toEqual([]);
    await world.ask(fleur, LEAVE, { delete: true });
    await world.ask(fleur, 'mutation { updatePreferences(input: { creatorNotification: true }) { user { id } } }');
    expect(await people(mail, 'name')).toEqual([]);
  });

  test('leaving twice is no error, and joining needs something to send notices to', async () => {
    expect(await leave()).toMatchObject({ deleted: [] });
    const { errors } = await world.ask(self, 'mutation { joinCreatorNotification { id } }');
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'postalAddress' });
  });
});

describe('purchases.billing: a processor sees the data that its own unsettled orders need', () => {
  const PLACE =
    'mutation ($input: OrderInput!) { placeOrder(input: $input) { order { id status } user { paymentCard { brand lastFour expiry } } } }';
  const input = {
    processor: 'pay',
    processorToken: 'tok_abc',
    brand: 'VISA',
    lastFour: '4242',
    expiry: '2027-09',
    billingAddress: { street: '12 Quill Row', country: 'US' },
  };
  const REPORT =
    'mutation ($user: ID!, $order: ID!, $outcome: OrderOutcome!) { reportOrder(user: $user, order: $order, outcome: $outcome) }';
  const FIELDS = 'name billingAddress { street } paymentCard { lastFour expiry processorToken }';
  const place = async () => (await world.ask(self, PLACE, { input })).data.placeOrder;
  const report = async (caller: typeof pay, order: string, outcome: string) => {
    const clientId = caller.sub;
    const { data } = await world.ask(self, `{ me { partnerId(clientId: "${clientId}") } }`);
    return world.ask(caller, REPORT, { user: data.me.partnerId, order, outcome });
  };

  test('an order opens the billing data to its processor alone, its own token with it', async () => {
    expect(await people(pay, FIELDS)).toEqual([]);
    expect(await place()).toMatchObject({
      order: { status: 'OPEN' },
      user: { paymentCard: { lastFour: '4242', expiry: '2027-09' } },
    });
    expect(await people(pay, FIELDS)).toEqual([
      {
        name: 'Nia Ko',
        billingAddress: { street: '12 Quill Row' },
        paymentCard: { lastFour: '4242', expiry: '2027-09', processorToken: 'tok_abc' },
      },
    ]);
    expect(await people(otherPay, 'name')).toEqual([]);
  });

  test('each of two processors with an order to settle sees its own token alone', async () => {
    const { order } = await place();
    await world.ask(self, PLACE, { input: { ...input, processor: 'other-pay', processorToken: 'tok_other' } });
    const other = partner('other-pay', 'billing', 'payment-card processor-token');
    const TOKEN = 'paymentCard { processorToken }';
    expect(await people(pay, TOKEN)).toEqual([{ paymentCard: { processorToken: 'tok_abc' } }]);
    expect(await people(other, TOKEN)).toEqual([{ paymentCard: { processorToken: 'tok_other' } }]);
    await report(pay, order.id, 'FILLED');
    expect(await people(pay, TOKEN)).toEqual([]);
    expect(await people(other, TOKEN)).toEqual([{ paymentCard: { processorToken: 'tok_other' } }]);
  });

  test('a failed order keeps it open, and a filled one closes it on the next read', async () => {
    const { order } = await place();
    expect((await report(pay, order.id, 'FAILED')).data).toEqual({ reportOrder: true });
    expect(await people(pay, 'name')).toHaveLength(1);
    for (const _ of [1, 2]) await report(pay, order.id, 'FILLED');
    expect(await people(pay, 'name')).toEqual([]);
    expect((await world.ask(self, '{ me { orders { id status } } }')).data.me.orders).toEqual([
      { id: order.id, status: 'FILLED' },
    ]);
  });

  test('a processor settles its own orders only, and is told nothing of others', async () => {
    const { order } = await place();
    expect((await report(otherPay, order.id, 'FILLED')).data).toEqual({ reportOrder: true });
    expect((await report(pay, 'nothing', 'FILLED')).data).toEqual({ reportOrder: true });
    expect(await people(pay, 'name')).toHaveLength(1);
    expect((await report(partner('mail', 'creator-notification', 'name'), order.id, 'FILLED')).data).toEqual({
      reportOrder: true,
    });
    expect(
      (await world.ask(self, REPORT, { user: 'u1', order: order.id, outcome: 'FILLED' })).errors[0]?.extensions,
    ).toMatchObject({ code: 'FORBIDDEN' });
    expect(await people(pay, 'name')).toHaveLength(1);
  });

  test.each([
    { name: 'a partner that processes no payments', change: { processor: 'mail' }, argument: 'input.processor' },
    { name: 'more than four digits', change: { lastFour: '42424' }, argument: 'input.lastFour' },
    { name: 'no month', change: { expiry: 'soon' }, argument: 'input.expiry' },
    { name: 'an empty token', change: { processorToken: ' ' }, argument: 'input.processorToken' },
  ])('an order with $name is refused by name', async ({ change, argument }) => {
    const { errors } = await world.ask(self, PLACE, { input: { ...input, ...change } });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument });
    expect(await people(pay, 'name')).toEqual([]);
  });
});

describe('security.card: the number of a card is refused in an order too', () => {
  test('whole numbers in place of a token are refused and not repeated', async () => {
    const INPUT = {
      processor: 'pay',
      processorToken: '4242424242424242',
      brand: 'VISA',
      lastFour: '4242',
      expiry: '2027-09',
      billingAddress: { street: 'x' },
    };
    const { errors } = await world.ask(
      self,
      'mutation ($input: OrderInput!) { placeOrder(input: $input) { order { id } } }',
      { input: INPUT },
    );
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'input.processorToken' });
    expect(JSON.stringify(errors)).not.toContain('4242424242424242');
  });
});
