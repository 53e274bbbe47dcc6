import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY } from '../support/clock.ts';
import { noticesAbout, partnerIdsOf } from '../support/notices.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const self = member('u1');
const offers = partner('offers', 'targeted-offers', 'name email gender birth-date postal-address');
const OTHER = partner('other', 'targeted-offers', 'name');
const contracted = (clientId: string) => ({
  clientId,
  name: clientId,
  kind: 'OFFERS',
  jurisdiction: 'US',
  contract: { purposes: ['targeted-offers'] },
});

const WORLD = {
  users: [
    {
      id: 'u1',
      avatarName: 'Neko',
      name: 'Nia Ko',
      email: 'neko@example.com',
      gender: 'female',
      birthDate: '1990-02-03',
      postalAddress: { city: 'Springfield', country: 'US' },
      billingAddress: { city: 'Shelbyville' },
      cellPhone: '+1 555 0100',
      paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2027-09', processorToken: 'tok' },
      photos: [{ id: 'p', url: 'https://example.com/p.png' }],
      posts: [{ id: 'b', text: 'hello' }],
      recentActivity: [{ id: 'a', text: 'came' }],
      transactions: [{ id: 't', good: 'hat' }],
      consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
    },
    { id: 'buyer', avatarName: 'Buyer', paymentCard: { brand: 'VISA' }, orders: [{ id: 'o', processor: 'pay' }] },
    { id: 'refused', avatarName: 'Gone', gender: 'x', status: 'REFUSED' },
  ],
  partners: [
    contracted('offers'),
    contracted('other'),
    { clientId: 'pay', name: 'Pay', kind: 'PAYMENT_PROCESSOR', jurisdiction: 'US' },
  ],
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

const DELETE = `mutation ($categories: [DataCategory!]!) { deletePersonalData(categories: $categories) {
  deleted kept ledgerEntry { type } user { id }
} }`;
const remove = async (categories: string[], caller = self) => {
  const { data, errors } = await world.ask(caller, DELETE, { categories });
  return { outcome: data?.deletePersonalData, errors };
};
const ME = `{ me { name gender birthDate age ageBand cellPhone postalAddress { city } billingAddress { city }
  paymentCard { brand expiry } photos { id } posts { id } recentActivity { id } transactions { id } } }`;
const me = async () => (await world.ask(self, ME)).data.me;
const collection = (name: string) =>
  world.store.connection.getClient().db(world.store.connection.name).collection(name);

describe('rights.deletion: field by field', () => {
  test.each([
    { category: 'GENDER', gone: { gender: null } },
    { category: 'BIRTH_DATE', gone: { birthDate: null, age: null, ageBand: null } },
    { category: 'CELL_PHONE', gone: { cellPhone: null } },
    { category: 'POSTAL_ADDRESS', gone: { postalAddress: null } },
    { category: 'BILLING_ADDRESS', gone: { billingAddress: null } },
    { category: 'PAYMENT_CARD', gone: { paymentCard: null } },
    { category: 'PHOTOS', gone: { photos: [] } },
    { category: 'POSTS', gone: { posts: [] } },
    { category: 'ACTIVITY', gone: { recentActivity: [] } },
    { category: 'TRANSACTIONS', gone: { transactions: [] } },
  ])('$category goes, and nothing else', async ({ category, gone }) => {
    const before = await me();
    const { outcome, errors } = await remove([category]);
    expect(errors).toEqual([]);
    expect(outcome.deleted).toContain(category);
    expect(outcome.ledgerEntry).toEqual({ type: 'DELETION' });
    expect(await me()).toEqual({ ...before, ...gone });
  });

  test.each([
    'AVATAR_NAME',
    'NAME',
    'EMAIL',
    'ACCOUNT',
    'AGE',
  ])('an account can’t be without %s: nothing is deleted, and what can be is said', async (category) => {
    const before = await me();
    const { errors } = await remove(['GENDER', category]);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'categories' });
    expect(errors[0]?.extensions.expected).toContain('GENDER');
    expect(await me()).toEqual(before);
  });

  test('a card goes with all its parts', async () => {
    await remove(['PAYMENT_CARD']);
    const { values } = (await collection('people').findOne({ publicId: 'u1' })) as unknown as { values: object };
    expect(Object.keys(values)).not.toEqual(expect.arrayContaining([expect.stringMatching(/CARD|TOKEN/)]));
  });

  test('data that an open order needs stays until the order is settled, and the answer says so', async () => {
    const { outcome } = await remove(['PAYMENT_CARD', 'GENDER'], member('buyer'));
    expect(outcome.deleted).toEqual(['GENDER']);
    expect(outcome.kept).toEqual(['PAYMENT_CARD', 'CARD_EXPIRY', 'PROCESSOR_TOKEN']);
    await world.load({
      users: [{ id: 'buyer', avatarName: 'Buyer', orders: [{ id: 'o', processor: 'pay', status: 'FILLED' }] }],
    });
    expect((await remove(['PAYMENT_CARD'], member('buyer'))).outcome.kept).toEqual([]);
    expect((await world.ask(member('buyer'), '{ me { paymentCard { brand } } }')).data.me.paymentCard).toBeNull();
  });

  test('earlier values go along with the corrected one', async () => {
    const correct = 'mutation { correctPersonalData(input: { gender: "other", name: "Nia" }) { user { id } } }';
    const kept = async () =>
      (await world.ask(self, '{ me { corrections { category } } }')).data.me.corrections.map(
        ({ category }: { category: string }) => category,
      );
    await world.ask(self, correct);
    expect(await kept()).toEqual(['NAME', 'GENDER']);
    await remove(['GENDER']);
    expect(await kept()).toEqual(['NAME']);
    await remove(['CORRECTED_VALUE']);
    expect(await kept()).toEqual([]);
  });

  test('without its address a person resides nowhere that is known', async () => {
    await remove(['POSTAL_ADDRESS']);
    const person = (await collection('people').findOne({ publicId: 'u1' })) as unknown as { facts: object };
    expect(person.facts).not.toHaveProperty('residence');
  });

  test('it stays open to a person who refused the policy, and to nobody else', async () => {
    expect((await remove(['GENDER'], member('refused'))).errors).toEqual([]);
    for (const caller of [null, offers, staff('privacy', 'privacy-request')]) {
      const { errors } = await world.ask(caller, DELETE, { categories: ['GENDER'] });
      expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });
});

describe('rights.deletion: recipients are told to erase data that they were shown', () => {
  const NOTICES = '{ erasureNotices { id } }';
  const noticesOf = async (caller: typeof offers) => {
    const personIds = await partnerIdsOf(world, self, [caller.sub]);
    return noticesAbout(world, caller, personIds, 'id categories everything at');
  };
  const acknowledge = (caller: typeof offers, id: string) =>
    world.ask(caller, 'mutation ($id: ID!) { acknowledgeErasure(id: $id) }', { id });
  const see = (caller: typeof offers, fields: string) =>
    world.ask(caller, `{ users { edges { node { ${fields} } } } }`);

  test('each recipient is told of the data it was shown, under the id it knows', async () => {
    const shown = await see(offers, 'id gender name');
    await see(OTHER, 'id name');
    await remove(['GENDER', 'BIRTH_DATE']);
    expect(await noticesOf(offers)).toEqual([
      {
        id: expect.any(String),
        personId: shown.data.users.edges[0].node.id,
        categories: ['GENDER'],
        everything: false,
        at: '2026-03-10T12:00:00.000Z',
      },
    ]);
    expect(await noticesOf(OTHER)).toEqual([]);
    expect(JSON.stringify(await collection('erasure_notices').find().toArray())).not.toMatch(/female|Nia|neko/);
  });

  test('a notice goes when it is acknowledged, and stays gone', async () => {
    await see(offers, 'gender');
    clock.advance(DAY);
    await remove(['GENDER']);
    const [notice] = await noticesOf(offers);
    expect((await acknowledge(offers, notice.id)).data).toEqual({ acknowledgeErasure: true });
    expect(await noticesOf(offers)).toEqual([]);
    clock.advance(DAY);
    await remove(['GENDER']);
    expect(await noticesOf(offers)).toEqual([]);
  });

  test('a notice that has grown since can not be acknowledged as it was', async () => {
    await see(offers, 'gender birthDate');
    clock.advance(DAY);
    await remove(['GENDER']);
    const [before] = await noticesOf(offers);
    clock.advance(DAY);
    await remove(['BIRTH_DATE']);
    expect((await acknowledge(offers, before.id)).errors[0]?.extensions.code).toBe('BAD_INPUT');
    expect((await noticesOf(offers))[0].categories).toEqual(['GENDER', 'BIRTH_DATE']);
  });

  test('a notice is nobody else’s', async () => {
    await see(offers, 'gender');
    await remove(['GENDER']);
    const [notice] = await noticesOf(offers);
    expect((await acknowledge(OTHER, notice.id)).errors[0]?.extensions.code).toBe('BAD_INPUT');
    for (const caller of [null, self, staff('privacy', 'privacy-request')])
      expect((await world.ask(caller, NOTICES)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await noticesOf(offers)).toHaveLength(1);
  });
});
