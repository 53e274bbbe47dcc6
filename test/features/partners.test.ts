import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClock, DAY, HOUR } from '../support/clock.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const NOW = '2026-03-01T12:00:00.000Z';
const legal = staff('legal', 'legal-process');
const self = member('u1');
const MAIL = 'https://mailwing.example/privacy';

const clock = createClock(NOW);
let world: TestWorld;
beforeAll(async () => {
  const user = { id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@example.com', country: 'US' };
  world = await createWorld({ users: [user] }, { clock });
});
beforeEach(async () => {
  clock.advance(HOUR);
  // loaded again, each is without a contract and not suspended
  await world.load({
    partners: [
      { clientId: 'mailwing', name: 'Mailwing', kind: 'EMAIL_PROVIDER', jurisdiction: 'US', policyUrl: MAIL },
      { clientId: 'offerly', name: 'Offerly', kind: 'OFFERS', jurisdiction: 'US' },
    ],
  });
});
afterAll(() => world.close());

const consent = (action: 'giveConsent' | 'withdrawConsent') => {
  clock.advance(1);
  return world.ask(self, `mutation { ${action}(purpose: "targetedOffers") { consent { inForce } } }`);
};
const CONTRACT =
  'mutation ($partner: ID!, $contract: ContractInput) { setContract(partner: $partner, contract: $contract) { clientId } }';
const setContract = (clientId: string, contract: object | null, caller: typeof legal | null = legal) =>
  world.ask(caller, CONTRACT, { partner: clientId, contract });
const UPSERT = 'mutation ($input: PartnerInput!) { upsertPartner(input: $input) { clientId name kind policyUrl } }';
const upsert = (input: object, caller: typeof legal | null = legal) => world.ask(caller, UPSERT, { input });
const NEW = {
  clientId: 'briefpost',
  name: 'Briefpost',
  kind: 'EMAIL_PROVIDER',
  jurisdiction: 'US',
  policyUrl: 'https://briefpost.example/privacy',
};
const read = (clientId: string, purpose: string) =>
  world.ask(partner(clientId, purpose, 'name email'), '{ users { edges { node { name } } } }');
const seenBy = async (clientId: string, purpose: string) => {
  const { data, errors } = await read(clientId, purpose);
  return data?.users
    ? data.users.edges.map(({ node }: { node: { name: string } }) => node.name)
    : errors[0]?.extensions.reason;
};
const refusals = ({ errors }: Awaited<ReturnType<typeof upsert>>) => errors.map(({ extensions }) => extensions);

describe('sharing.service-providers: a provider sees the data that its contract covers', () => {
  test('nothing until a contract is on file, then exactly the data it names, then nothing once it is ended', async () => {
    expect(await seenBy('mailwing', 'service-notice')).toBe('CONTRACT_NOT_IN_FORCE');
    expect((await setContract('mailwing', { purposes: ['service-notice'] })).errors).toEqual([]);
    expect(await seenBy('mailwing', 'service-notice')).toEqual(['Nia Ko']);
    expect(await seenBy('mailwing', 'imvu-newsletter')).toBe('WRONG_PURPOSE');
    await setContract('mailwing', null);
    expect(await seenBy('mailwing', 'service-notice')).toBe('CONTRACT_NOT_IN_FORCE');
  });

  test('a contract is in force from its first instant until just before its last', async () => {
    const until = new Date(clock.now().getTime() + 2 * DAY).toISOString();
    const from = new Date(clock.now().getTime() + DAY).toISOString();
    await setContract('mailwing', { from, until, purposes: ['service-notice'] });
    const seenAt = async (instant: number) => {
      clock.set(new Date(instant));
      return seenBy('mailwing', 'service-notice');
    };
    expect(await seenAt(Date.parse(from) - 1)).toBe('CONTRACT_NOT_IN_FORCE');
    expect(await seenAt(Date.parse(from))).toEqual(['Nia Ko']);
    expect(await seenAt(Date.parse(until) - 1)).toEqual(['Nia Ko']);
    expect(await seenAt(Date.parse(until))).toBe('CONTRACT_NOT_IN_FORCE');
  });

  test('a new partner begins without a contract, and a change of its record leaves its contract alone', async () => {
    expect((await upsert(NEW)).data.upsertPartner).toEqual({
      clientId: 'briefpost',
      name: 'Briefpost',
      kind: 'EMAIL_PROVIDER',
      policyUrl: 'https://briefpost.example/privacy',
    });
    expect(await seenBy('briefpost', 'service-notice')).toBe('CONTRACT_NOT_IN_FORCE');
    await setContract('briefpost', { purposes: ['service-notice'] });
    await upsert({ ...NEW, name: 'Briefpost Ltd' });
    expect(await seenBy('briefpost', 'service-notice')).toEqual(['Nia Ko']);
  });

  test('none of the tokens of a suspended partner is accepted until it is reinstated', async () => {
    await setContract('mailwing', { purposes: ['service-notice'] });
    await world.ask(legal, 'mutation { suspendPartner(partner: "mailwing") { clientId } }');
    expect((await read('mailwing', 'service-notice')).status).toBe(401);
    await world.ask(legal, 'mutation { reinstatePartner(partner: "mailwing") { clientId } }');
    expect(await seenBy('mailwing', 'service-notice')).toEqual(['Nia Ko']);
  });

  test.each([
    { name: 'a client id of other characters', input: { clientId: 'brief post' }, argument: 'input.clientId' },
    { name: 'no name', input: { name: ' ' }, argument: 'input.name' },
    ...['staff', 'Member', 'STAFF_LEGAL', 'Privacy', ' authority ', 'Email Provider'].map((name) => ({
      ...{ name: `the name ${name}`, input: { name }, argument: 'input.name' },
    })),
    ...['member', '__proto__', 'constructor', 'SELF'].map((clientId) => ({
      ...{ name: `the client id ${clientId}`, input: { clientId }, argument: 'input.clientId' },
    })),
    {
      name: 'a policy that is not https',
      input: { policyUrl: 'http://briefpost.example' },
      argument: 'input.policyUrl',
    },
    { name: 'another kind than on record', input: { clientId: 'mailwing', kind: 'OFFERS' }, argument: 'input.kind' },
  ])('a record with $name is refused by name', async ({ input, argument }) => {
    expect(refusals(await upsert({ ...NEW, ...input }))).toEqual([
      { code: 'BAD_INPUT', argument, expected: expect.any(String) },
    ]);
  });

  test.each([
    { who: 'a visitor', caller: null },
    { who: 'a member', caller: self },
    { who: 'the partner', caller: partner('mailwing', 'service-notice', 'name') },
    { who: 'staff of another role', caller: staff('privacy', 'privacy-request') },
    { who: 'legal staff with another purpose', caller: staff('legal', 'customer-support') },
  ])('$who enters neither partners nor contracts', async ({ caller }) => {
    const caught = caller as typeof legal;
    const contract = { purposes: ['service-notice'] };
    const answers = [
      await upsert(NEW, caught),
      await setContract('mailwing', contract, caught),
      await world.ask(caught, 'mutation { suspendPartner(partner: "mailwing") { clientId } }'),
      await world.ask(caught, 'mutation { reinstatePartner(partner: "mailwing") { clientId } }'),
    ];
    for (const { errors } of answers) expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await seenBy('mailwing', 'service-notice')).toBe('CONTRACT_NOT_IN_FORCE');
  });
});

describe('sharing.no-promotional-use: a service provider promotes nothing of its own', () => {
  test('a contract that names a promotional purpose is an error when entered, and the one before stays', async () => {
    await setContract('mailwing', { purposes: ['service-notice'] });
    const answer = await setContract('mailwing', { purposes: ['service-notice', 'targeted-offers'] });
    expect(refusals(answer)).toEqual([
      {
        code: 'BAD_INPUT',
        argument: 'contract.purposes.1',
        expected: 'no promotional purpose for a service provider',
      },
    ]);
    expect(await seenBy('mailwing', 'service-notice')).toEqual(['Nia Ko']);
  });

  test.each([
    'targeted-offers',
    'offer-prefill',
    'advertising',
  ])('a world file that contracts a provider for %s is refused', async (purpose) => {
    const file = { partners: [{ ...NEW, contract: { purposes: [purpose] } }] };
    await expect(world.load(file)).rejects.toThrow('no promotional purpose for a service provider');
  });

  test('a promotional purpose sees nothing of anyone, even under a contract that got past every check', async () => {
    const partners = world.store.connection.getClient().db(world.store.connection.name).collection('partners');
    const contract = { from: null, until: null, purposes: ['service-notice', 'targeted-offers', 'advertising'] };
    await partners.updateOne({ _id: 'mailwing' as never }, { $set: { contract } });
    for (const purpose of ['targeted-offers', 'advertising', 'offer-prefill'])
      expect(await seenBy('mailwing', purpose)).toBe('WRONG_PURPOSE');
    expect(await seenBy('mailwing', 'service-notice')).toEqual(['Nia Ko']);
  });

  test('a partner that works for itself may be contracted for it', async () => {
    await consent('giveConsent');
    expect((await setContract('offerly', { purposes: ['targeted-offers'] })).errors).toEqual([]);
    expect(await seenBy('offerly', 'targeted-offers')).toEqual(['Nia Ko']);
  });

  test.each([
    {
      name: 'nobody on record',
      clientId: 'nobody',
      contract: { purposes: ['service-notice'] },
      argument: 'partner',
    },
    { name: 'no purpose', clientId: 'mailwing', contract: { purposes: [] }, argument: 'contract.purposes' },
    {
      name: 'a purpose that no clause gives the kind',
      clientId: 'mailwing',
      contract: { purposes: ['service-notice', 'billing'] },
      argument: 'contract.purposes.1',
    },
    {
      name: 'an end before its beginning',
      clientId: 'mailwing',
      contract: { from: NOW, until: NOW, purposes: [] },
      argument: 'contract.until',
    },
  ])('a contract with $name is refused by name', async ({ clientId, contract, argument }) => {
    expect(refusals(await setContract(clientId, contract))).toMatchObject([{ code: 'BAD_INPUT', argument }]);
  });
});

describe('sharing.opt-in-offers: offers partners see people who opted in', () => {
  test.each([
    'targeted-offers',
    'offer-prefill',
  ])('for %s nothing before the consent, a read after it, nothing after the withdrawal', async (purpose) => {
    await setContract('offerly', { purposes: ['targeted-offers', 'offer-prefill'] });
    await consent('withdrawConsent');
    expect(await seenBy('offerly', purpose)).toEqual([]);
    await consent('giveConsent');
    expect(await seenBy('offerly', purpose)).toEqual(['Nia Ko']);
    await consent('withdrawConsent');
    expect(await seenBy('offerly', purpose)).toEqual([]);
  });
});

describe('thirdparty.outside: our word ends where others’ sites begin', () => {
  const shareWith = async (clientId: string, purpose: string) => {
    await setContract(clientId, { purposes: [purpose] });
    await read(clientId, purpose);
    const { data } = await world.ask(
      self,
      '{ me { thirdPartyShares(first: 1) { boundary recipient { policyUrl } } } }',
    );
    return data.me.thirdPartyShares[0];
  };
  const explain = async (recipient: string) => {
    const query = `{ explain(subject: "u1", category: NAME, recipient: "${recipient}") { boundary } }`;
    return (await world.ask(self, query)).data.explain.boundary;
  };

  test('a share and an explanation name the partner’s own policy and link it', async () => {
    const share = await shareWith('mailwing', 'service-notice');
    expect(share.recipient).toEqual({ policyUrl: MAIL });
    expect(share.boundary).toContain('Mailwing');
    expect(share.boundary).toContain(MAIL);
    expect(share.boundary).toContain(world.table.current.title);
    expect(await explain('mailwing')).toBe(share.boundary);
  });

  test('where no policy of the partner is on record, that is said', async () => {
    await consent('giveConsent');
    const { boundary } = await shareWith('offerly', 'targeted-offers');
    expect(boundary).toContain('Offerly');
    expect(boundary).toContain('not on record');
    expect(await explain('offerly')).toBe(boundary);
  });

  test('our own callers are within our word', async () => {
    expect(await explain('STAFF_SUPPORT')).toBe(
      'Nothing leaves us here: the IMVU Privacy Policy governs all use of the data.',
    );
  });

  test('an authority acts by the law', async () => {
    await world.load({
      legalProcesses: [
        { id: 'p1', kind: 'SUBPOENA', authority: 'Court of Larkmoor', subject: 'u1', categories: ['EMAIL'] },
      ],
    });
    await world.ask(legal, '{ user(id: "u1") { email } }');
    const { data } = await world.ask(self, '{ me { thirdPartyShares(first: 1) { boundary } } }');
    expect(data.me.thirdPartyShares[0].boundary).toContain('Court of Larkmoor');
  });

  test('every partner that legal staff enter links a policy', async () => {
    const { policyUrl: _, ...rest } = NEW;
    const { errors } = await upsert(rest);
    expect(errors[0]?.extensions.code).toBe('BAD_INPUT');
  });
});
