import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createOfferOperations } from '../../src/domain/offers/operations.ts';
import { createBlindIndex } from '../../src/store/derive.ts';
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
const completion = (rest: object = {}) => ({ completionId: `c-${id}`, name: 'Anybody', email, credits: 50, ...rest });
const submit = (input: object = completion(), caller: typeof COINWALL | null = COINWALL) =>
  world.ask(caller, SUBMIT, { input });
const creditsOf = async (userId = id) =>
  (await world.ask(member(userId), '{ me { credits { partner { clientId } credits } } }')).data.me.credits;
const settled = (store = world.store) => {
  const queue = store.connection.getClient().db(store.connection.name).collection('offer_completions');
  return until(async () => (await queue.countDocuments()) === 0);
};
const EARNED = { partner: { clientId: 'coinwall' }, credits: 50 };

describe('offers.inbound: a completed offer is credited, and nothing is told in return', () => {
  test('credits go to the person with the address, whom they are shown to', async () => {
    expect(await creditsOf()).toEqual([]);
    expect(await submit(completion({ email: `${email.toUpperCase()}` }))).toMatchObject({
      data: { submitOfferCompletion: { received: true } },
      errors: [],
    });
    await settled();
    expect(await creditsOf()).toEqual([EARNED]);
  });

  test('an id that was used before changes nothing, whatever comes with it, and is another’s to use', async () => {
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
      who: 'a site whose contract has ended',
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

describe('offers.inbound: the answer is the same whether or not there is such a person', () => {
  const submitRaw = async (input: object) => {
    const authorization = `Bearer ${await world.token(COINWALL)}`;
    const response = await world.post({ query: SUBMIT, variables: { input } }, { authorization });
    const headers = [...response.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date');
    return { status: response.status, headers, body: await response.text() };
  };

  test('to the byte, for somebody, nobody, a closed account and a report that came before', async () => {
    await world.load({ users: [{ id: 'closed', avatarName: 'Grimm', email: 'grimm@example.com', status: 'REFUSED' }] });
    const known = await submitRaw(completion());
    for (const input of [
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
      blindIndex: createBlindIndex(Buffer.alloc(32, 7)),
      sharedSecret: Buffer.alloc(32, 7),
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
    await offers.submit('coinwall', { completionId: 'stalled', email, credits: 5 });
    stop();
    expect(sent.filter((command) => /people|mailboxes|keys/.test(command))).toEqual([]);
    expect(sent.find((command) => command.includes('offer'))).toBe('insert offer_completions');
    await asked;
    const waiting = await database().collection('offer_completions').find({}).toArray();
    expect(waiting).toHaveLength(1);
    for (const value of [email, 'coinwall', 'stalled']) expect(JSON.stringify(waiting)).not.toContain(value);
    answer(null);
    await offers.idle();
    await settled();
  });

  test('a report that a gateway left in the queue is credited once by the next', async () => {
    const crashed = operationsOver(() => Promise.reject(new Error('the gateway dies here')));
    await crashed.submit('coinwall', { completionId: `left-${id}`, email, credits: 50 });
    await crashed.idle();
    expect(await database().collection('offer_completions').countDocuments()).toBe(1);
    const next = await createWorld({}, { store: world.store });
    await settled();
    expect(await creditsOf()).toEqual([EARNED]);
    await next.close();
  });
});
