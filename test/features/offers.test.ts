import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createOfferOperations } from '../../src/features/offers/operations.ts';
import { createBlindIndex } from '../../src/store/derive.ts';
import { createClock, DAY } from '../support/clock.ts';
import { noteCommands } from '../support/commands.ts';
import { until } from '../support/engines.ts';
import { quiet } from '../support/store.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const wall = (clientId: string, contract: object = { purposes: ['offer-completion'] }) => ({
  clientId,
  name: clientId,
  kind: 'OFFER_WALL',
  jurisdiction: 'US',
  contract,
});
const PARTNERS = [
  wall('coinwall'),
  wall('gemwall'),
  wall('ended', { until: '2026-01-01T00:00:00Z', purposes: ['offer-completion'] }),
  wall('other-work', { purposes: ['billing'] }),
  { clientId: 'no-contract', name: 'No contract', kind: 'OFFER_WALL', jurisdiction: 'US' },
  {
    clientId: 'offerly',
    name: 'Offerly',
    kind: 'OFFERS',
    jurisdiction: 'US',
    contract: { purposes: ['targeted-offers'] },
  },
];
const COINWALL = partner('coinwall', 'offer-completion', 'name email');

let world: TestWorld;
let count = 0;
let id = '';
let email = '';
beforeAll(async () => {
  world = await createWorld({ partners: PARTNERS });
});
beforeEach(async () => {
  count += 1;
  id = `u${count}`;
  email = `${id}@example.com`;
  await world.load({ users: [{ id, avatarName: id, name: `Name of ${id}`, email, country: 'US' }] });
});
afterAll(() => world.close());

const SUBMIT = 'mutation ($input: OfferCompletionInput!) { submitOfferCompletion(input: $input) { received } }';
const completion = (rest: object = {}) => ({
  completionId: `c-${id}`,
  name: `Name of ${id}`,
  email,
  credits: 50,
  ...rest,
});
const submit = (input: object = completion(), caller: typeof COINWALL | null = COINWALL) =>
  world.ask(caller, SUBMIT, { input });
const creditsOf = async (userId = id) =>
  (await world.ask(member(userId), '{ me { credits { partner { clientId } credits } } }')).data.me.credits;
const settled = (store = world.store) => {
  const queue = store.connection.getClient().db(store.connection.name).collection('offer_completions');
  return until(async () => (await queue.countDocuments()) === 0);
};
const SUPPORT = staff('support', 'customer-support');
const WAITING = '{ waitingOfferCompletions { id name credits at until partner { clientId } user { id name } } }';
const waitingCompletions = async () => (await world.ask(SUPPORT, WAITING)).data.waitingOfferCompletions;
/** The waiting completions of this test's person, as support sees them. */
const waitingFor = async (userId = id) =>
  (await waitingCompletions()).filter(({ user }: { user: { id: string } }) => user.id === userId);
const decide = async (verb: 'accept' | 'refuse', completionId: string, caller: typeof COINWALL | null = SUPPORT) =>
  world.ask(caller, `mutation ($id: ID!) { ${verb}OfferCompletion(id: $id) }`, { id: completionId });
const EARNED = { partner: { clientId: 'coinwall' }, credits: 50 };

describe('offers.inbound: a completed offer is credited, and nothing is told in return', () => {
  test('credits go to the person with the address and the name, and are shown to that person', async () => {
    expect(await creditsOf()).toEqual([]);
    expect(await submit(completion({ email: `${email.toUpperCase()}` }))).toMatchObject({
      data: { submitOfferCompletion: { received: true } },
      errors: [],
    });
    await settled();
    expect(await creditsOf()).toEqual([EARNED]);
  });

  test('an id changes nothing the second time, with any content, and another site can use it', async () => {
    await submit();
    await submit();
    await settled();
    await submit(completion({ credits: 900 }));
    await submit(completion({ credits: 7 }), partner('gemwall', 'offer-completion', 'name'));
    await settled();
    expect(await creditsOf()).toHaveLength(2);
    expect(await creditsOf()).toEqual(
      expect.arrayContaining([EARNED, { partner: { clientId: 'gemwall' }, credits: 7 }]),
    );
  });

  test('an id that was used of nobody can’t be used again of somebody', async () => {
    await submit(completion({ email: 'nobody@example.com' }));
    await settled();
    expect(await waitingFor()).toEqual([]);
    await submit();
    await settled();
    expect(await creditsOf()).toEqual([]);
  });

  test.each(['SEALED', 'REFUSED'])('an account that is %s earns nothing', async (status) => {
    await world.load({ users: [{ id, avatarName: id, status }] });
    await submit();
    await settled();
    expect(await creditsOf()).toEqual([]);
  });

  test('credits are for the person alone', async () => {
    await submit();
    await settled();
    const READ = `{ user(id: "${id}") { credits { credits } } }`;
    for (const caller of [null, member('u1'), staff('support', 'customer-support')])
      expect((await world.ask(caller, READ)).data.user?.credits ?? null).toBe(id === 'u1' ? [] : null);
  });

  test('credits lie sealed in the database', async () => {
    await submit(completion({ credits: 4321 }));
    await settled();
    const database = world.store.connection.getClient().db(world.store.connection.name);
    const items = JSON.stringify(await database.collection('credits').find({}).toArray());
    expect(items).not.toContain('4321');
    expect(items).not.toContain('coinwall');
  });

  test('an offer site reads nothing of anybody', async () => {
    for (const query of ['{ users { edges { node { id } } } }', `{ user(id: "${id}") { name } }`]) {
      const { errors } = await world.ask(COINWALL, query);
      expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN', reason: 'NO_CLAUSE' }]);
    }
  });

  test.each([
    { who: 'a visitor', caller: null, reason: 'NOT_PERMITTED' },
    { who: 'a member', caller: member('u1'), reason: 'NOT_PERMITTED' },
    { who: 'staff', caller: staff('support', 'customer-support'), reason: 'NOT_PERMITTED' },
    { who: 'another kind of partner', caller: partner('offerly', 'targeted-offers', 'name'), reason: 'NO_CLAUSE' },
    {
      who: 'another kind with this purpose',
      caller: partner('offerly', 'offer-completion', 'name'),
      reason: 'NO_CLAUSE',
    },
    { who: 'a site with another purpose', caller: partner('coinwall', 'advertising', 'name'), reason: 'WRONG_PURPOSE' },
    {
      who: 'a site contracted for another purpose',
      caller: partner('other-work', 'offer-completion', 'name'),
      reason: 'WRONG_PURPOSE',
    },
    {
      who: 'a site with an ended contract',
      caller: partner('ended', 'offer-completion', 'name'),
      reason: 'CONTRACT_NOT_IN_FORCE',
    },
    {
      who: 'a site without a contract',
      caller: partner('no-contract', 'offer-completion', 'name'),
      reason: 'CONTRACT_NOT_IN_FORCE',
    },
  ])('$who reports nothing', async ({ caller, reason }) => {
    const { errors } = await submit(completion({ credits: 0 }), caller as typeof COINWALL);
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN', reason }]);
    expect(await creditsOf()).toEqual([]);
  });

  test.each([
    { input: { completionId: '' }, argument: 'input.completionId' },
    { input: { completionId: 'x'.repeat(129) }, argument: 'input.completionId' },
    { input: { name: ' ' }, argument: 'input.name' },
    { input: { email: 'some@body' }, argument: 'input.email' },
    { input: { credits: 0 }, argument: 'input.credits' },
    { input: { credits: 1_000_001 }, argument: 'input.credits' },
  ])('a report that is at fault in $argument is refused by name, and nothing is kept', async ({ input, argument }) => {
    const { sent, stop } = noteCommands(world.store);
    const { errors } = await submit(completion(input));
    stop();
    expect(errors.map(({ extensions }) => [extensions.code, extensions.argument])).toEqual([['BAD_INPUT', argument]]);
    expect(sent.filter((command) => command.startsWith('insert'))).toEqual([]);
  });
});

describe('offers.inbound: where the address is somebody’s and the name is not, the completion waits for support', () => {
  const collection = (name: string) =>
    world.store.connection.getClient().db(world.store.connection.name).collection(name);
  const submitFor = async (name: string) => {
    await submit(completion({ name }));
    await settled();
  };

  test.each([
    { name: 'in capitals', given: (own: string) => own.toUpperCase() },
    { name: 'with accents', given: (own: string) => own.replace('a', 'á').replace('o', 'ö') },
    { name: 'in full width', given: (own: string) => own.replace('Name', 'Ｎａｍｅ') },
    {
      name: 'with other spaces and signs that nobody sees',
      given: (own: string) => `  ${own.replaceAll(' ', ' \u00a0\u200b')} `,
    },
    { name: 'with a full stop', given: (own: string) => `${own}.` },
  ])('the person’s name $name is the person’s', async ({ given }) => {
    await submitFor(given(`Name of ${id}`));
    expect(await creditsOf()).toEqual([EARNED]);
    expect(await waitingFor()).toEqual([]);
  });

  test('nothing is booked; support sees the given name beside the owner of the address, and the person sees that it waits', async () => {
    await submitFor('Somebody Else');
    expect(await creditsOf()).toEqual([]);
    expect(await waitingFor()).toEqual([
      {
        id: expect.any(String),
        name: 'Somebody Else',
        credits: 50,
        at: expect.any(String),
        until: expect.any(String),
        partner: { clientId: 'coinwall' },
        user: { id, name: `Name of ${id}` },
      },
    ]);
    const { data } = await world.ask(member(id), '{ me { waitingCredits { credits partner { clientId } } } }');
    expect(data.me.waitingCredits).toEqual([EARNED]);
    const exported = JSON.stringify((await world.ask(member(id), 'mutation { requestExport }')).data);
    expect(exported).toContain('"waitingCredits":[{');
    expect(exported).not.toContain('Somebody Else');
  });

  test('a person without a name on record is no exception', async () => {
    await world.load({ users: [{ id: `${id}-nameless`, avatarName: `${id} n`, email: `nameless-${email}` }] });
    await submit(completion({ name: 'Anybody', email: `nameless-${email}` }));
    await settled();
    expect(await creditsOf(`${id}-nameless`)).toEqual([]);
    expect(await waitingFor(`${id}-nameless`)).toHaveLength(1);
  });

  test('once accepted its credits are booked, once, and it waits no more', async () => {
    await submitFor('Somebody Else');
    const [waiting] = await waitingFor();
    expect((await decide('accept', waiting.id)).data).toEqual({ acceptOfferCompletion: true });
    expect((await decide('accept', waiting.id)).data).toEqual({ acceptOfferCompletion: false });
    expect((await decide('refuse', waiting.id)).data).toEqual({ refuseOfferCompletion: false });
    expect(await creditsOf()).toEqual([EARNED]);
    expect(await waitingFor()).toEqual([]);
    expect(await collection('waiting_credits').countDocuments({ id: waiting.id })).toBe(0);
  });

  test('once refused it is gone, and nothing is booked', async () => {
    await submitFor('Somebody Else');
    const [waiting] = await waitingFor();
    expect((await decide('refuse', waiting.id)).data).toEqual({ refuseOfferCompletion: true });
    expect((await decide('accept', waiting.id)).data).toEqual({ acceptOfferCompletion: false });
    expect(await creditsOf()).toEqual([]);
    await submitFor(`Name of ${id}`);
    expect(await creditsOf()).toEqual([]);
  });

  test('looking and deciding are on the audit log, without a value', async () => {
    const person = await collection('people').findOne({ publicId: id });
    const entries = async () =>
      (await collection('audit_books').find({ 'entries.sids': person?._id }).sort({ at: 1 }).toArray())
        .flatMap((document) => document.entries)
        .filter(({ sids }: { sids: unknown[] }) => sids.includes(person?._id));
    await submitFor('Somebody Else');
    const [waiting] = await waitingFor();
    await decide('accept', waiting.id);
    const all = await entries();
    const by = { role: 'support', by: 'support-1', purpose: 'customer-support' };
    expect(all).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...by, categories: ['NAME'] }),
        expect.objectContaining({ ...by, act: 'OFFER_COMPLETION_ACCEPTED', case: waiting.id }),
      ]),
    );
    expect(JSON.stringify(all)).not.toContain('Somebody Else');
  });

  test('a waiting completion lies sealed in the database, under the person’s own key', async () => {
    await submitFor('Somebody Else');
    const [waiting] = await waitingFor();
    const [item] = await collection('waiting_credits').find({ id: waiting.id }).toArray();
    expect(JSON.stringify(item)).not.toMatch(/Somebody|coinwall/);
    const person = await collection('people').findOne({ publicId: id });
    await collection('person_keys').deleteOne({ _id: person?._id as never });
    expect((await waitingCompletions()).map((one: { id: string }) => one.id)).not.toContain(waiting.id);
    await collection('people').deleteOne({ publicId: id });
  });

  test('it goes with an erased person', async () => {
    await submitFor('Somebody Else');
    const [waiting] = await waitingFor();
    const { data } = await world.ask(member(id), 'mutation { requestErasure { confirmation } }');
    await world.ask(member(id), 'mutation ($c: String!) { eraseAccount(confirmation: $c) { erasedAt } }', {
      c: data.requestErasure.confirmation,
    });
    expect(await collection('waiting_credits').countDocuments({ id: waiting.id })).toBe(0);
    expect((await decide('accept', waiting.id)).data).toEqual({ acceptOfferCompletion: false });
  });

  test('support is told nothing once the account of the person is closed', async () => {
    await submitFor('Somebody Else');
    const [waiting] = await waitingFor();
    await world.ask(member(id), 'mutation { refusePolicy { user { id } } }');
    expect(await waitingFor()).toEqual([]);
    expect((await decide('accept', waiting.id)).data).toEqual({ acceptOfferCompletion: false });
    expect(await creditsOf()).toEqual([]);
  });

  test.each([
    { who: 'a visitor', caller: null },
    { who: 'the person', caller: member('u1') },
    { who: 'the offer site', caller: COINWALL },
    { who: 'privacy staff', caller: staff('privacy', 'privacy-request') },
    { who: 'support for another purpose', caller: staff('support', 'internal-analysis') },
  ])('$who neither lists nor decides', async ({ caller }) => {
    for (const { errors } of [
      await world.ask(caller, WAITING),
      await decide('accept', 'any', caller as typeof COINWALL),
      await decide('refuse', 'any', caller as typeof COINWALL),
    ])
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  });

  test('it waits for thirty days, and is dropped then', async () => {
    const clock = createClock('2026-03-10T12:00:00.000Z');
    const later = await createWorld({ partners: PARTNERS }, { clock });
    const ask = async () => (await later.ask(SUPPORT, WAITING)).data.waitingOfferCompletions;
    try {
      await later.load({ users: [{ id: 'w', avatarName: 'W', name: 'Wil', email: 'w@example.com' }] });
      await later.ask(COINWALL, SUBMIT, {
        input: { completionId: 'c', name: 'Bea', email: 'w@example.com', credits: 5 },
      });
      await settled(later.store);
      clock.advance(30 * DAY - 1);
      await later.gateway.sweep();
      const [waiting] = await ask();
      expect(waiting.until).toBe('2026-04-09T12:00:00.000Z');
      clock.advance(1);
      expect(await ask()).toEqual([]);
      const { data } = await later.ask(SUPPORT, 'mutation ($id: ID!) { acceptOfferCompletion(id: $id) }', waiting);
      expect(data).toEqual({ acceptOfferCompletion: false });
      await later.gateway.sweep();
      const { connection } = later.store;
      expect(await connection.getClient().db(connection.name).collection('waiting_credits').countDocuments()).toBe(0);
    } finally {
      await later.close();
    }
  });

  test('the sweep books a completion that support accepted when a gateway ended', async () => {
    await submitFor('Somebody Else');
    const [waiting] = await waitingFor();
    await collection('waiting_credits').updateOne({ id: waiting.id }, { $set: { accepted: true } });
    await world.gateway.sweep();
    expect(await creditsOf()).toEqual([EARNED]);
    expect(await waitingFor()).toEqual([]);
  });
});

describe('offers.inbound: the answer is the same whether or not there is such a person', () => {
  const submitRaw = async (input: object) => {
    const authorization = `Bearer ${await world.token(COINWALL)}`;
    const response = await world.post({ query: SUBMIT, variables: { input } }, { authorization });
    const headers = [...response.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date');
    return { status: response.status, headers, body: await response.text() };
  };

  test('to the byte, for somebody, another name, nobody, a closed account and a report that came before', async () => {
    await world.load({ users: [{ id: 'closed', avatarName: 'Grimm', email: 'grimm@example.com', status: 'REFUSED' }] });
    const known = await submitRaw(completion());
    for (const input of [
      completion({ completionId: 'c-another-name', name: 'Somebody Else' }),
      completion({ completionId: 'c-nobody', email: 'nobody@example.com' }),
      completion({ completionId: 'c-closed', email: 'grimm@example.com' }),
      completion(),
    ])
      expect(await submitRaw(input)).toEqual(known);
    await settled();
  });

  const database = () => world.store.connection.getClient().db(world.store.connection.name);
  const operationsOver = (findHolder: (address: string) => Promise<string | null>) =>
    createOfferOperations({
      store: world.store,
      mailboxes: { findHolder },
      people: { findBySids: async () => [] },
      vaultOf: () => Promise.reject(new Error('nobody’s vault is asked for')),
      keys: { find: async () => new Map() },
      recordAct: () => Promise.reject(new Error('nothing is decided')),
      blindIndex: createBlindIndex(Buffer.alloc(32, 7)),
      sharedSecret: Buffer.alloc(32, 7),
      table: world.table,
      clock: world.clock,
      log: quiet,
    });

  test('it waits for one write and for no look at any person', async () => {
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    let answer = (_sid: string | null) => {};
    const offers = operationsOver(() => {
      isAsked();
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const { sent, stop } = noteCommands(world.store);
    // The look-up of the person hangs, and the report is taken all the same.
    await offers.submit('coinwall', { completionId: 'stalled', name: 'Nia Ko', email, credits: 5 });
    stop();
    expect(sent.filter((command) => /people|mailboxes|keys/.test(command))).toEqual([]);
    expect(sent.find((command) => command.includes('offer'))).toBe('insert offer_completions');
    await asked;
    const waiting = await database().collection('offer_completions').find({}).toArray();
    expect(waiting).toHaveLength(1);
    for (const value of [email, 'coinwall', 'stalled', 'Nia Ko']) expect(JSON.stringify(waiting)).not.toContain(value);
    answer(null);
    await offers.idle();
    await settled();
  });

  test('a report that a gateway left in the queue is credited once by the next', async () => {
    const crashed = operationsOver(() => Promise.reject(new Error('the gateway dies here')));
    await crashed.submit('coinwall', { completionId: `left-${id}`, name: `Name of ${id}`, email, credits: 50 });
    await crashed.idle();
    expect(await database().collection('offer_completions').countDocuments()).toBe(1);
    const next = await createWorld({}, { store: world.store });
    await settled();
    expect(await creditsOf()).toEqual([EARNED]);
    await next.close();
  });
});
