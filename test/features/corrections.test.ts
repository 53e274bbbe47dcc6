import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock } from '../support/clock.ts';
import { commandsFor } from '../support/commands.ts';
import { proveAddress } from '../support/mailboxes.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const self = member('u1');
const mailer = partner('mailer', 'service-notice', 'name email');
const privacyStaff = staff('privacy', 'privacy-request');

const WORLD = {
  users: [
    {
      id: 'u1',
      avatarName: 'Neko',
      name: 'Nia Ko',
      email: 'neko@example.com',
      birthDate: '1990-02-03',
      country: 'US',
      privacyCases: [{ id: 'case' }],
    },
    { id: 'u2', avatarName: 'Ziggy', email: 'ziggy@example.com', country: 'US' },
    { id: 'refused', avatarName: 'Gone', name: 'Gone', status: 'REFUSED' },
    { id: 'sealed', avatarName: 'Small', name: 'Small', status: 'SEALED' },
  ],
  partners: [
    {
      clientId: 'mailer',
      name: 'Mailer',
      kind: 'EMAIL_PROVIDER',
      jurisdiction: 'US',
      contract: { purposes: ['service-notice'] },
    },
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

const CORRECT = `mutation ($input: CorrectionInput!) { correctPersonalData(input: $input) {
  corrections { category previousValue } ledgerEntry { type number }
  user { avatarName name email gender birthDate country cellPhone status
    postalAddress { street city postalCode country } billingAddress { street city country } }
} }`;
const correct = async (input: object, caller = self) => {
  const { data, errors } = await world.ask(caller, CORRECT, { input });
  return { outcome: data?.correctPersonalData, errors };
};
const seenBy = async (caller: Parameters<TestWorld['ask']>[0]) => {
  const { data } = await world.ask(caller, '{ users { edges { node { name email } } } }');
  return data.users.edges.map(({ node }: { node: object }) => node);
};
const stored = async () => {
  const people = world.store.connection.getClient().db(world.store.connection.name).collection('people');
  return (await people.findOne({ publicId: 'u1' })) as unknown as {
    _id: string;
    facts: { residence?: string; status: string };
    ledger: { head: { n: number } };
  };
};
const address = { street: '1 Main St', city: 'Springfield', postalCode: '12345', country: 'US' };

describe('rights.correction: people put their data right', () => {
  test.each([
    { field: 'name', value: 'Nia Kowalski', category: 'NAME', previous: 'Nia Ko' },
    { field: 'email', value: 'nia@example.com', category: 'EMAIL', previous: 'neko@example.com' },
    { field: 'avatarName', value: 'Nekoko', category: 'AVATAR_NAME', previous: 'Neko' },
    { field: 'birthDate', value: '1991-02-03', category: 'BIRTH_DATE', previous: '1990-02-03' },
    { field: 'country', value: 'FR', category: 'ACCOUNT', previous: 'US' },
    { field: 'gender', value: 'female', category: 'GENDER', previous: undefined },
    { field: 'cellPhone', value: '+1 555 0100', category: 'CELL_PHONE', previous: undefined },
    { field: 'postalAddress', value: address, category: 'POSTAL_ADDRESS', previous: undefined },
  ])('$field: the new value holds, the old is kept for the person alone', async ({
    field,
    value,
    category,
    previous,
  }) => {
    const { outcome, errors } = await correct({ [field]: value });
    expect(errors).toEqual([]);
    expect(outcome.user[field]).toEqual(value);
    const kept = previous === undefined ? [] : [{ category, previousValue: JSON.stringify(previous) }];
    expect(outcome.corrections).toEqual(kept);
    expect(outcome.ledgerEntry.type).toBe('CORRECTION');
    const { data } = await world.ask(self, '{ me { corrections { category previousValue } } }');
    expect(data.me.corrections).toEqual(kept);
    const toStaff = await world.ask(privacyStaff, '{ user(id: "u1") { corrections { category previousValue } } }');
    expect(toStaff.data.user.corrections).toEqual(kept.map(({ category }) => ({ category, previousValue: null })));
  });

  test('the next read of anybody shows the new value', async () => {
    await correct({ name: 'Nia Kowalski', email: 'nia@example.com' });
    expect(await seenBy(mailer)).toContainEqual({ name: 'Nia Kowalski', email: null });
    await proveAddress(world, 'nia@example.com');
    expect(await seenBy(mailer)).toContainEqual({ name: 'Nia Kowalski', email: 'nia@example.com' });
    const { data } = await world.ask(null, '{ user(avatarName: "Neko") { id } }');
    expect(data.user).not.toBeNull();
  });

  test('the ledger names categories and never a value', async () => {
    await correct({ name: 'Unheard Of', gender: 'Untold' });
    await world.gateway.sweep();
    const ledger = world.store.connection.getClient().db(world.store.connection.name).collection('person_ledger');
    const entries = await ledger.find({ sid: (await stored())._id, type: 'CORRECTION' }).toArray();
    expect(entries).toMatchObject([{ categories: ['NAME', 'GENDER'] }]);
    expect(JSON.stringify(entries)).not.toMatch(/Unheard|Untold|Nia/);
  });

  test('a correction that changes no value writes nothing', async () => {
    const before = await stored();
    const { outcome } = await correct({ name: 'Nia Ko', email: 'neko@example.com', country: 'US' });
    expect(outcome).toMatchObject({ corrections: [], ledgerEntry: null });
    expect(await stored()).toEqual(before);
  });

  test.each([
    { name: 'a country decides', input: { country: 'FR' }, residence: 'FR' },
    { name: 'a postal address does not beat it', input: { postalAddress: { country: 'FR' } }, residence: 'US' },
    { name: 'nor does a billing address', input: { billingAddress: { country: 'FR' } }, residence: 'US' },
  ])('residence keeps in step: $name', async ({ input, residence }) => {
    await correct(input);
    expect((await stored()).facts.residence).toBe(residence);
  });

  test('a person who moves into the region without its consent is shown to nobody outside it', async () => {
    await correct({ country: 'FR' });
    expect(await seenBy(mailer)).toEqual([{ name: null, email: 'ziggy@example.com' }]);
  });

  test.each(['refused', 'sealed'])('it stays open to a %s person', async (id) => {
    const { outcome, errors } = await correct({ name: 'Another' }, member(id));
    expect(errors).toEqual([]);
    expect(outcome.user.name).toBe('Another');
  });

  test.each([
    { name: 'nobody', caller: null },
    { name: 'a partner', caller: mailer },
    { name: 'privacy staff', caller: privacyStaff },
  ])('$name can not', async ({ caller }) => {
    const { data, errors } = await world.ask(caller, CORRECT, { input: { name: 'X' } });
    expect(data).toBeNull();
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test.each([
    { argument: 'input.name', input: { name: '' } },
    { argument: 'input.email', input: { name: 'Good', email: 'a@b' } },
    { argument: 'input.avatarName', input: { name: 'Good', avatarName: 'ZIGGY' } },
    { argument: 'input.avatarName', input: { name: 'Good', avatarName: '\u2066Neko' } },
    { argument: 'input.cellPhone', input: { name: 'Good', cellPhone: '\u200b' } },
    { argument: 'input.postalAddress', input: { name: 'Good', postalAddress: {} } },
    { argument: 'input.billingAddress.city', input: { name: 'Good', billingAddress: { city: 'x'.repeat(201) } } },
    { argument: 'input.birthDate', input: { name: 'Good', birthDate: '2999-01-01' } },
  ])('$argument of the wrong form changes nothing at all', async ({ argument, input }) => {
    const before = await stored();
    const { errors } = await correct(input);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument });
    expect(await stored()).toEqual(before);
  });

  test('two corrections at once both hold, with one entry each', async () => {
    const before = (await stored()).ledger.head.n;
    await Promise.all([correct({ name: 'Both' }), correct({ gender: 'both' })]);
    const { data } = await world.ask(self, '{ me { name gender } }');
    expect(data.me).toEqual({ name: 'Both', gender: 'both' });
    expect((await stored()).ledger.head.n).toBe(before + 2);
  });
});

describe('rights.correction: an address that is somebody else’s', () => {
  test('is answered as any other, counts for nothing, and only its mailbox is told', async () => {
    const { outcome, errors } = await correct({ email: 'Ziggy@Example.com' });
    expect(errors).toEqual([]);
    expect(outcome.user.email).toBe('Ziggy@Example.com');
    expect(outcome.corrections).toEqual([{ category: 'EMAIL', previousValue: '"neko@example.com"' }]);
    expect(await seenBy(mailer)).toEqual(
      expect.arrayContaining([
        { name: 'Nia Ko', email: null },
        { name: null, email: 'ziggy@example.com' },
      ]),
    );
    const mail = await world.mails();
    expect(mail.map(({ to, kind, data }) => [to, kind, data])).toEqual([['Ziggy@Example.com', 'ADDRESS_TAKEN', {}]]);
  });

  test('can be proven once the other has given it up', async () => {
    await correct({ email: 'ziggy@example.com' });
    await correct({ email: 'elsewhere@example.com' }, member('u2'));
    await world.ask(self, 'mutation { requestEmailProof }');
    await proveAddress(world, 'ziggy@example.com');
    expect(await seenBy(mailer)).toContainEqual({ name: 'Nia Ko', email: 'ziggy@example.com' });
  });

  test('costs the same commands as one that is nobody’s', async () => {
    const commands = (email: string) => commandsFor(world.store, () => correct({ email }));
    // the gateway has met the caller
    await world.ask(self, '{ me { id } }');
    expect(await commands('ziggy@example.com')).toEqual(await commands('nobody@example.com'));
  });
});

describe('rights.correction: an avatar name stays with the person that had it', () => {
  test('nobody else gets a name that a person gave up, and the person gets it back', async () => {
    await correct({ avatarName: 'Nekoko' });
    const { errors } = await correct({ avatarName: 'neko' }, member('u2'));
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'input.avatarName' });
    expect((await correct({ avatarName: 'NEKO' })).outcome.user.avatarName).toBe('NEKO');
  });
});
