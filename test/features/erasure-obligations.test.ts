import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY } from '../support/clock.ts';
import { draftOfReference, parsePolicy } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const DAYS = 7;
const START = '2026-03-10T12:00:00.000Z';
const DUE = new Date(Date.parse(START) + DAYS * DAY).toISOString();
const officer = staff('privacy', 'privacy-request');
const callerOf = (clientId: string) => partner(clientId, 'targeted-offers', 'name gender birth-date');
const offers = callerOf('offers');
const WORLD = {
  users: ['u1', 'u2'].map((id) => ({
    ...{ id, avatarName: `Neko ${id}`, name: 'Nia Ko', email: `${id}@mail.example`, country: 'US' },
    ...{ gender: 'female', birthDate: '1990-02-03' },
    consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
  })),
  partners: ['offers', 'rival'].map((clientId) => ({
    ...{ clientId, name: clientId, kind: 'OFFERS', jurisdiction: 'US' },
    contract: { purposes: ['targeted-offers'] },
  })),
};

const clock = createClock(START);
let world: TestWorld;
beforeAll(async () => {
  const draft = { ...draftOfReference(), version: 'a-week-to-erase', erasureDays: DAYS };
  world = await createWorld({}, { clock, policy: parsePolicy(JSON.stringify(draft), 'p.json') });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
  await world.load(WORLD);
});
afterAll(() => world.close());

const show = async (caller = offers) => {
  const { errors } = await world.ask(caller, '{ users { edges { node { name gender birthDate } } } }');
  expect(errors).toEqual([]);
};
const remove = async (id: string, category: string) => {
  const mutation = `mutation { deletePersonalData(categories: [${category}]) { deleted } }`;
  expect((await world.ask(member(id), mutation)).errors).toEqual([]);
};
const overdue = async () => {
  await world.gateway.sweep();
  const { data, errors } = await world.ask(officer, '{ overdueErasures { partner { clientId } people oldestDueAt } }');
  expect(errors).toEqual([]);
  return data.overdueErasures;
};
const askedOf = async (id: string) => {
  const { data, errors } = await world.ask(
    member(id),
    '{ me { thirdPartyShares { recipientName askedErasure { categories askedAt dueAt overdue } } } }',
  );
  expect(errors).toEqual([]);
  return data.me.thirdPartyShares;
};
const events = async (caller = offers) => {
  const { data } = await world.ask(
    caller,
    '{ partnerEvents { edges { node { kind dueAt } } pageInfo { endCursor } } }',
  );
  return data.partnerEvents;
};
const acknowledgeAll = async (caller = offers) => {
  const { pageInfo } = await events(caller);
  const mutation = 'mutation ($through: String!) { acknowledgePartnerEvents(through: $through) }';
  expect((await world.ask(caller, mutation, { through: pageInfo.endCursor })).errors).toEqual([]);
};

describe('an erasure that a partner has not acknowledged in time', () => {
  test('is shown to privacy staff by partner, once its time is over', async () => {
    await show();
    await show(callerOf('rival'));
    await remove('u1', 'GENDER');
    clock.advance(DAY);
    await remove('u2', 'GENDER');
    await world.gateway.sweep();
    await acknowledgeAll(callerOf('rival'));
    clock.set(new Date(Date.parse(DUE) - 1));
    expect(await overdue()).toEqual([]);
    clock.advance(1);
    expect(await overdue()).toEqual([{ partner: { clientId: 'offers' }, people: 1, oldestDueAt: DUE }]);
    clock.advance(DAY);
    expect(await overdue()).toEqual([{ partner: { clientId: 'offers' }, people: 2, oldestDueAt: DUE }]);
    await acknowledgeAll();
    expect(await overdue()).toEqual([]);
  });

  test('the person sees it beside the data that the partner was shown', async () => {
    await show();
    await show(callerOf('rival'));
    await remove('u1', 'GENDER');
    await world.gateway.sweep();
    await acknowledgeAll(callerOf('rival'));
    const asked = { categories: ['GENDER'], askedAt: START, dueAt: DUE };
    expect(await askedOf('u1')).toEqual([
      { recipientName: 'rival', askedErasure: null },
      { recipientName: 'offers', askedErasure: { ...asked, overdue: false } },
    ]);
    clock.set(DUE);
    expect((await askedOf('u1'))[1]).toEqual({ recipientName: 'offers', askedErasure: { ...asked, overdue: true } });
    expect((await askedOf('u2')).map(({ askedErasure }: { askedErasure: object }) => askedErasure)).toEqual([
      null,
      null,
    ]);
  });

  test('keeps its time when it grows, and begins anew once it was acknowledged', async () => {
    await show();
    await remove('u1', 'GENDER');
    await world.gateway.sweep();
    clock.advance(DAY);
    await remove('u1', 'BIRTH_DATE');
    await world.gateway.sweep();
    expect((await askedOf('u1'))[0].askedErasure).toMatchObject({ categories: ['GENDER', 'BIRTH_DATE'], dueAt: DUE });
    await acknowledgeAll();
    const given = 'mutation { correctPersonalData(input: { gender: "other" }) { user { id } } }';
    expect((await world.ask(member('u1'), given)).errors).toEqual([]);
    await show();
    await remove('u1', 'GENDER');
    await world.gateway.sweep();
    const dueAt = new Date(Date.parse(DUE) + DAY).toISOString();
    expect((await askedOf('u1'))[0].askedErasure).toMatchObject({ categories: ['GENDER'], dueAt });
  });

  test('has its time in the event, and nothing else that is asked has one', async () => {
    await show();
    await remove('u1', 'GENDER');
    const withdrawal = 'mutation { withdrawConsent(purpose: "targetedOffers") { user { id } } }';
    expect((await world.ask(member('u2'), withdrawal)).errors).toEqual([]);
    const { edges } = await events();
    const told = edges.map(({ node }: { node: { kind: string; dueAt: string } }) => [node.kind, node.dueAt]).sort();
    expect(told).toEqual([
      ['person.erase', DUE],
      ['person.hidden', null],
    ]);
  });

  test.each([
    { of: 'a partner', caller: offers },
    { of: 'other staff', caller: staff('support', 'customer-support') },
    { of: 'a person', caller: member('u1') },
    { of: 'a visitor', caller: null },
  ])('is nothing for $of', async ({ caller }) => {
    const { errors } = await world.ask(caller, '{ overdueErasures { people } }');
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});
