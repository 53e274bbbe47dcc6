import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actsOf } from '../support/acts.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const self = member('u1');
const PARTNERS = [
  {
    clientId: 'gigmatch',
    name: 'Gigmatch',
    kind: 'CO_BRANDED',
    jurisdiction: 'US',
    contract: { purposes: ['co-branded-service', 'job-application'] },
  },
  {
    clientId: 'petalbox',
    name: 'Petalbox',
    kind: 'CO_BRANDED',
    jurisdiction: 'US',
    contract: { purposes: ['co-branded-service'] },
  },
  { clientId: 'halted', name: 'Halted', kind: 'CO_BRANDED', jurisdiction: 'US', status: 'SUSPENDED' },
  { clientId: 'offerly', name: 'Offerly', kind: 'OFFERS', jurisdiction: 'US' },
];
const person = (id: string, rest: object = {}) => ({
  id,
  avatarName: id,
  name: `Name of ${id}`,
  email: `${id}@example.com`,
  country: 'US',
  ...rest,
});

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({ partners: PARTNERS });
});
beforeEach(async () => {
  await world.load({
    users: [
      person('u1', {
        relationships: [
          { partner: 'gigmatch', active: false },
          { partner: 'petalbox', active: false },
        ],
      }),
      person('closed', { status: 'REFUSED', relationships: [{ partner: 'gigmatch' }] }),
    ],
  });
});
afterAll(() => world.close());

const FIELDS = '{ relationships { partner { clientId } active } }';
const change = (operation: 'enterRelationship' | 'leaveRelationship', clientId: string, caller: object | null = self) =>
  world.ask(caller as typeof self, `mutation ($partner: ID!) { ${operation}(partner: $partner) ${FIELDS} }`, {
    partner: clientId,
  });
const active = async () => {
  const { data } = await world.ask(self, `{ me ${FIELDS} }`);
  return data.me.relationships
    .filter((relationship: { active: boolean }) => relationship.active)
    .map((relationship: { partner: { clientId: string } }) => relationship.partner.clientId);
};
const seenBy = async (clientId: string, purpose = 'co-branded-service') => {
  const { data } = await world.ask(
    partner(clientId, purpose, 'name email'),
    '{ users { edges { node { name email } } } }',
  );
  return data.users.edges.map(({ node }: { node: object }) => node);
};
const SHOWN = [{ name: 'Name of u1', email: 'u1@example.com' }];

describe('cobranded.share: a co-branded partner sees people who entered a relationship with it', () => {
  test('nothing before, name and email on the read after entering, nothing on the read after leaving', async () => {
    expect(await seenBy('gigmatch')).toEqual([]);
    expect((await change('enterRelationship', 'gigmatch')).errors).toEqual([]);
    expect(await seenBy('gigmatch')).toEqual(SHOWN);
    expect(await seenBy('gigmatch', 'job-application')).toEqual(SHOWN);
    expect(await seenBy('petalbox')).toEqual([]);
    expect((await change('leaveRelationship', 'gigmatch')).errors).toEqual([]);
    expect(await seenBy('gigmatch')).toEqual([]);
  });

  test('a person by their id is shown while the relationship lasts and is nobody afterwards', async () => {
    await change('enterRelationship', 'gigmatch');
    const { data } = await world.ask(self, '{ me { partnerId(clientId: "gigmatch") } }');
    const read = async (id: string) =>
      (await world.ask(partner('gigmatch', 'co-branded-service', 'name'), `{ user(id: "${id}") { name } }`)).data;
    expect(await read(data.me.partnerId)).toEqual({ user: { name: 'Name of u1' } });
    await change('leaveRelationship', 'gigmatch');
    expect(await read(data.me.partnerId)).toEqual({ user: null });
  });

  test('entering twice and leaving twice each is one act on the ledger', async () => {
    const acts = async () => (await actsOf(world.store, 'u1')).filter(({ type }) => type === 'RELATIONSHIP');
    const before = (await acts()).length;
    for (const operation of ['enterRelationship', 'leaveRelationship'] as const)
      for (const _ of [1, 2]) expect((await change(operation, 'petalbox')).errors).toEqual([]);
    const [entered, left] = (await acts()).slice(before);
    expect(entered).toMatchObject({ partner: 'petalbox', action: 'ENTERED' });
    expect(left).toMatchObject({ partner: 'petalbox', action: 'LEFT' });
    expect(await acts()).toHaveLength(before + 2);
  });

  test.each([
    { operation: 'enterRelationship', clientId: 'nobody' },
    { operation: 'enterRelationship', clientId: 'offerly' },
    { operation: 'enterRelationship', clientId: 'halted' },
    { operation: 'leaveRelationship', clientId: 'nobody' },
  ] as const)('$operation with $clientId is refused by name', async ({ operation, clientId }) => {
    const { errors } = await change(operation, clientId);
    expect(errors.map(({ extensions }) => extensions)).toEqual([
      { code: 'BAD_INPUT', argument: 'partner', expected: expect.any(String) },
    ]);
    expect(await active()).toEqual([]);
  });

  test.each([
    { who: 'a visitor', caller: null },
    { who: 'the partner', caller: partner('gigmatch', 'co-branded-service', 'name') },
    { who: 'staff', caller: staff('privacy', 'privacy-request') },
  ])('$who enters and leaves nothing', async ({ caller }) => {
    for (const operation of ['enterRelationship', 'leaveRelationship'] as const)
      expect((await change(operation, 'gigmatch', caller)).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('an account that is closed to use can leave, and not enter', async () => {
    const closed = member('closed');
    expect((await change('enterRelationship', 'petalbox', closed)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    const { data } = await change('leaveRelationship', 'gigmatch', closed);
    expect(data.leaveRelationship.relationships).toEqual([{ partner: { clientId: 'gigmatch' }, active: false }]);
  });
});
