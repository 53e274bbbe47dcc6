import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPolicy } from '../../src/policy/load.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const FILE = fileURLToPath(new URL('../fixtures/corner-shop.yaml', import.meta.url));

let world: TestWorld;
beforeAll(async () => {
  const shopper = {
    name: 'Nia Ko',
    email: 'neko@example.com',
    gender: 'female',
    birthDate: '1990-02-03',
    country: 'FR',
    postalAddress: { street: '12 Quill Row', country: 'FR' },
    paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2027-09', processorToken: 'tok_1' },
  };
  const party = (clientId: string, kind: string, purpose: string) => ({
    ...{ clientId, kind, name: clientId, jurisdiction: 'US' },
    contract: { purposes: [purpose] },
  });
  world = await createWorld(
    {
      users: [
        {
          ...shopper,
          id: 'u1',
          avatarName: 'Neko',
          preferences: { imvuNewsletter: true },
          consents: [{ purpose: 'birthdayCard', action: 'GIVEN', at: '2024-01-01T00:00:00Z' }],
          orders: [{ id: 'o1', processor: 'till' }],
          privacyCases: [{ id: 'c1' }],
        },
        { ...shopper, id: 'u2', avatarName: 'Ziggy' },
      ],
      partners: [
        party('courier', 'COURIER', 'delivery'),
        party('printer', 'PRINTER', 'birthday-card'),
        party('till', 'TILL', 'till'),
      ],
    },
    { policy: await loadPolicy(FILE) },
  );
});
afterAll(() => world.close());

const names = async (caller: ReturnType<typeof partner>, fields: string) => {
  const { data, errors } = await world.ask(caller, `{ users { edges { node { ${fields} } } } }`);
  expect(errors).toEqual([]);
  return data.users.edges.map(({ node }: { node: object }) => node);
};

describe('another company’s policy runs on the same code', () => {
  test.each([
    {
      name: 'its courier, for a purpose of its own, under a preference',
      caller: partner('courier', 'delivery', 'name postal-address'),
      fields: 'name postalAddress { street }',
      shown: [{ name: 'Nia Ko', postalAddress: { street: '12 Quill Row' } }],
    },
    {
      name: 'its printer, under a consent of its own',
      caller: partner('printer', 'birthday-card', 'name birth-date'),
      fields: 'birthDate',
      shown: [{ birthDate: '1990-02-03' }],
    },
    {
      name: 'its till, while an order is open',
      caller: partner('till', 'till', 'processor-token payment-card card-expiry'),
      fields: 'paymentCard { lastFour processorToken }',
      shown: [{ paymentCard: { lastFour: '4242', processorToken: 'tok_1' } }],
    },
    {
      name: 'its officer, while a complaint is open',
      caller: staff('privacy', 'complaints') as ReturnType<typeof partner>,
      fields: 'status',
      shown: [{ status: 'ACTIVE' }],
    },
  ])('$name', async ({ caller, fields, shown }) => {
    expect(await names(caller, fields)).toEqual(shown);
  });

  test('members see another gender here, which the reference policy never shows', async () => {
    const { data } = await world.ask(member('u2'), '{ user(id: "u1") { avatarName gender name } }');
    expect(data.user).toEqual({ avatarName: 'Neko', gender: 'female', name: null });
  });

  test('a person sees even the processor’s token here', async () => {
    const { data, errors } = await world.ask(member('u1'), '{ me { paymentCard { processorToken } } }');
    expect(errors).toEqual([]);
    expect(data.me.paymentCard.processorToken).toBe('tok_1');
  });

  test('its own consent is given and withdrawn, and governs the next read', async () => {
    const printer = partner('printer', 'birthday-card', 'name');
    await world.ask(member('u2'), 'mutation { giveConsent(purpose: "birthdayCard") { consent { inForce } } }');
    expect(await names(printer, 'name')).toHaveLength(2);
    await world.ask(member('u2'), 'mutation { withdrawConsent(purpose: "birthdayCard") { consent { inForce } } }');
    expect(await names(printer, 'name')).toHaveLength(1);
  });

  test('purposes, consents and partner kinds of the reference policy are unknown here', async () => {
    const { status } = await world.ask(
      partner('courier', 'imvu-newsletter', 'name'),
      '{ users { edges { node { id } } } }',
    );
    expect(status).toBe(401);
    const { errors } = await world.ask(
      member('u1'),
      'mutation { giveConsent(purpose: "targetedOffers") { consent { inForce } } }',
    );
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT' });
    await expect(
      world.load({ partners: [{ clientId: 'x', name: 'X', kind: 'OFFERS', jurisdiction: 'US' }] }),
    ).rejects.toThrow('partners[0].kind');
  });

  test('its numbers hold: the age, the days of a case, the promotional purpose of a service provider', async () => {
    const fifteen = new Date();
    fifteen.setUTCFullYear(fifteen.getUTCFullYear() - 15);
    const young = { id: 'u3', avatarName: 'Kid', birthDate: fifteen.toISOString().slice(0, 10) };
    await expect(world.load({ users: [young] })).rejects.toThrow('users[0].birthDate: expected at least 16 years ago');
    const OPEN = 'mutation { openPrivacyCase(message: "Hm") { privacyCases { openedAt dueAt } } }';
    const { data } = await world.ask(member('u2'), OPEN);
    const [{ openedAt, dueAt }] = data.openPrivacyCase.privacyCases;
    expect(Date.parse(dueAt) - Date.parse(openedAt)).toBe(14 * 86_400_000);
    const courier = {
      clientId: 'c2',
      name: 'C',
      kind: 'COURIER',
      jurisdiction: 'US',
      contract: { purposes: ['birthday-card'] },
    };
    await expect(world.load({ partners: [courier] })).rejects.toThrow('promotional');
  });
});
