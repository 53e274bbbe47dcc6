import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/mongo/connection.ts';
import { createCommandLog, isFollowUp, nameOf } from '../support/commands.ts';
import { until } from '../support/engines.ts';
import { createRelay, type Relay } from '../support/relay.ts';
import { quiet } from '../support/store.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

/** Longer than a busy machine takes for an answer. */
const TIME_LIMIT_MS = 1_000;

const mailwing = partner('mailwing', 'service-notice', 'name email');
const self = member('person-1');

let relay: Relay;
let world: TestWorld;
let commands: ReturnType<typeof createCommandLog>;
beforeAll(async () => {
  relay = createRelay();
  await relay.mend();
  const database = `late-${process.pid}-${Date.now()}`;
  const store = await openStore({ uri: relay.uri(database), dataDir: '', database, log: quiet, countCommands: true });
  const drop = async () => {
    await store.connection.dropDatabase();
    await store.close();
  };
  commands = createCommandLog(store);
  world = await createWorld(
    {
      users: [
        { id: 'child', avatarName: 'Child', privacyCases: [{ id: 'case', from: 'GUARDIAN', verified: true }] },
        ...Array.from({ length: 3 }, (_, n) => ({
          id: `person-${n}`,
          avatarName: `Avatar ${n}`,
          name: `Person ${n}`,
          email: 'person@mail.example',
          posts: [{ id: 'p1', forum: 'forum', text: 'text', at: '2026-01-02T00:00:00.000Z' }],
        })),
      ],
      partners: [
        {
          clientId: 'mailwing',
          name: 'Mailwing',
          kind: 'EMAIL_PROVIDER',
          jurisdiction: 'US',
          contract: { purposes: ['service-notice'] },
        },
      ],
    },
    { store: { ...store, drop }, guards: { timeLimit: TIME_LIMIT_MS } },
  );
  // the book is open, and the work that this sets going is done
  await world.ask(mailwing, '{ users(first: 10) { edges { node { name } } } }');
  await sleep(500);
});
afterAll(async () => {
  await world.close();
  await world.store.drop();
  await relay.cut();
});
beforeEach(() => {
  commands.take();
});

const taken = () =>
  commands
    .take()
    .map(nameOf)
    .filter((command) => !isFollowUp(command));

/** The commands to the database for a request that nothing holds up. */
const named = async (ask: () => ReturnType<TestWorld['ask']>) => {
  commands.take();
  const { status, errors } = await ask();
  expect([status, errors]).toEqual([200, []]);
  return taken();
};

/**
 * Asks while the database keeps the answer to the first command of this name to itself until it is too late.
 *
 * @returns the commands to the database before the answer, and after it
 */
async function late(name: string, ask: () => ReturnType<TestWorld['ask']>) {
  const client = world.store.connection.getClient();
  const holdAt = (command: Parameters<typeof nameOf>[0]) => {
    if (nameOf(command) === name) relay.hold();
  };
  client.on('commandStarted', holdAt);
  const { status, data, errors } = await ask();
  client.off('commandStarted', holdAt);
  const before = taken();
  relay.release();
  // the work under way ends, and anything that it would begin would begin by now
  await sleep(100);
  expect([status, data, errors[0]?.extensions]).toEqual([504, undefined, { code: 'TIMEOUT' }]);
  return { before, after: taken() };
}

describe('a query that takes too long asks the database for nothing more', () => {
  const list = () => world.ask(mailwing, '{ users(first: 10) { edges { node { name email } } } }');
  const me = () =>
    world.ask(self, '{ me { name posts { id } consents { at } thirdPartyShares { recipient { name } } } }');

  test.each([
    { name: 'a list, while people are found', ask: list, held: 'find people' },
    { name: 'a list, while their keys are', ask: list, held: 'find person_keys' },
    { name: 'one’s own record, while the key is found', ask: me, held: 'find person_keys' },
    // the last of those that are looked up at once
    { name: 'one’s own record, while the acts are', ask: me, held: 'find person_ledger' },
  ])('$name', async ({ ask, held }) => {
    const usual = await named(ask);
    const { before, after } = await late(held, ask);
    expect(before).toContain(held);
    expect(before.length).toBeLessThan(usual.length);
    expect(after).toEqual([]);
  });

  test('and puts nothing on record, for nothing was shown', async () => {
    await late('find person_keys', list);
    const books = world.store.connection.collection('disclosure_books');
    const before = await books.countDocuments({ type: 'ENTRIES' });
    await late('find person_keys', list);
    expect(await books.countDocuments({ type: 'ENTRIES' })).toBe(before);
  });
});

describe('of mutations that take too long', () => {
  const countDevices = () => world.store.connection.collection('devices').countDocuments();
  const create = 'createDevice(input: { volume: 3 }) { id }';

  test('no other is begun', async () => {
    const before = await countDevices();
    await late('insert devices', () => world.ask(null, `mutation { first: ${create} second: ${create} }`));
    expect(await countDevices()).toBe(before + 1);
  });

  test('the one that was begun is finished, though it has to find more for it', async () => {
    const seal = 'mutation { sealChild(user: "child") { user { id } deletionDueAt } }';
    await late('find people', () => world.ask(staff('privacy', 'privacy-request'), seal));
    const statusOf = async () => (await world.ask(member('child'), '{ me { status } }')).data.me.status;
    await until(async () => (await statusOf()) === 'SEALED');
  });
});
