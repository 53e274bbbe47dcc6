import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createClock, DAY } from '../support/clock.ts';
import { createWorld, member, staff, type TestWorld } from '../support/world.ts';

const officer = staff('privacy', 'privacy-request');
const self = member('u1');
const OPEN =
  'mutation ($message: String!) { openPrivacyCase(message: $message) { privacyCases { id status openedAt dueAt } } }';
const GUARDIAN =
  'mutation ($child: String!) { openGuardianCase(child: $child, contact: "parent@example.com", message: "My child is eleven") }';
const CLOSE = 'mutation ($id: ID!) { closePrivacyCase(id: $id) }';
const QUEUE = '{ privacyCaseQueue { id dueAt overdue message contact user { avatarName name } } }';

let world: TestWorld;
let clock: ReturnType<typeof createClock>;
beforeEach(async () => {
  await world?.close();
  clock = createClock('2026-03-01T12:00:00.000Z');
  const users = [
    { id: 'u1', avatarName: 'Neko', name: 'Nia Ko' },
    { id: 'u2', avatarName: 'Ziggy', status: 'REFUSED' },
  ];
  world = await createWorld({ users }, { clock });
});
afterAll(() => world.close());

const queue = async () => {
  const { data, errors } = await world.ask(officer, QUEUE);
  expect(errors).toEqual([]);
  return data.privacyCaseQueue;
};
const open = async (caller = self, message = 'What do you hold?') =>
  (await world.ask(caller, OPEN, { message })).data.openPrivacyCase.privacyCases.at(-1);

describe('contact.privacy-officer: questions go to the officer, and are due', () => {
  test('a person opens a case that is due in the days that the policy gives', async () => {
    expect(await open()).toMatchObject({
      status: 'OPEN',
      openedAt: '2026-03-01T12:00:00.000Z',
      dueAt: '2026-03-31T12:00:00.000Z',
    });
  });

  test('an open case lets privacy staff see the person, and a closed one no longer does', async () => {
    const READ = '{ user(id: "u1") { name } }';
    expect((await world.ask(officer, READ)).data.user).toBeNull();
    const { id } = await open();
    expect((await world.ask(officer, READ)).data.user).toEqual({ name: 'Nia Ko' });
    for (const _ of [1, 2]) expect((await world.ask(officer, CLOSE, { id })).data).toEqual({ closePrivacyCase: true });
    expect((await world.ask(officer, READ)).data.user).toBeNull();
    expect(await queue()).toEqual([]);
  });

  test('the queue has the next due first, with what was asked, and says what is overdue', async () => {
    await open(self, 'First');
    clock.advance(DAY);
    await open(member('u2'), 'Second');
    clock.set('2026-03-31T12:00:00.000Z');
    expect(await queue()).toMatchObject([
      { message: 'First', overdue: true, user: { avatarName: 'Neko' } },
      { message: 'Second', overdue: false, user: { avatarName: 'Ziggy' } },
    ]);
  });

  test('a person who refused the policy can still open a case', async () => {
    expect(await open(member('u2'))).toMatchObject({ status: 'OPEN' });
  });

  test('reading the queue is on the audit log', async () => {
    await open();
    await queue();
    const database = world.store.connection.getClient().db(world.store.connection.name);
    const audits = await database.collection('audit_books').find({ 'entries.role': 'privacy' }).toArray();
    expect(audits.flatMap(({ entries }) => entries)).toMatchObject([
      { role: 'privacy', categories: expect.arrayContaining(['ACCOUNT']) },
    ]);
  });

  test.each([
    { name: 'a visitor', caller: null },
    { name: 'a member', caller: self },
    { name: 'support staff', caller: staff('support', 'customer-support') },
    { name: 'privacy staff with another purpose', caller: staff('privacy', 'customer-support') },
  ])('$name has no queue', async ({ caller }) => {
    const { errors } = await world.ask(caller, QUEUE);
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('an empty question and an unknown case are refused by name', async () => {
    expect((await world.ask(self, OPEN, { message: ' ' })).errors[0]?.extensions).toMatchObject({
      argument: 'message',
    });
    expect((await world.ask(officer, CLOSE, { id: 'nothing' })).errors[0]?.extensions).toMatchObject({
      argument: 'id',
    });
  });

  test('what was asked does not lie readable in the database', async () => {
    await open(self, 'a very private question');
    const database = world.store.connection.getClient().db(world.store.connection.name);
    for (const { name } of await database.listCollections().toArray())
      expect(JSON.stringify(await database.collection(name).find().toArray())).not.toContain('very private question');
  });
});

describe('children.guardians: a guardian asks without learning anything', () => {
  test('the answer is the same whether or not the child has an account, and both are in the queue', async () => {
    const answers = [
      await world.ask(null, GUARDIAN, { child: 'Neko' }),
      await world.ask(null, GUARDIAN, { child: 'Nobody' }),
    ];
    expect(answers.map(({ data, errors }) => ({ data, errors }))).toEqual(
      [1, 2].map(() => ({ data: { openGuardianCase: true }, errors: [] })),
    );
    expect((await queue()).map(({ user, contact }: { user: object; contact: string }) => ({ user, contact }))).toEqual(
      expect.arrayContaining([
        { user: { avatarName: 'Neko', name: 'Nia Ko' }, contact: 'parent@example.com' },
        { user: null, contact: 'parent@example.com' },
      ]),
    );
  });

  test('nor where the record of the child is full', async () => {
    const privacyCases = Array.from({ length: 200 }, (_, index) => ({ id: `c${index}`, status: 'CLOSED' }));
    await world.load({ users: [{ id: 'u3', avatarName: 'Full', privacyCases }] });
    const { data, errors } = await world.ask(null, GUARDIAN, { child: 'Full' });
    expect({ data, errors }).toEqual({ data: { openGuardianCase: true }, errors: [] });
    expect(await queue()).toMatchObject([{ user: null, contact: 'parent@example.com' }]);
    const own = await world.ask(member('u3'), OPEN, { message: 'One more' });
    expect(own.errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'message' });
  });

  test('what a guardian wrote is no part of the child’s export, also once it is closed', async () => {
    await world.ask(null, GUARDIAN, { child: 'Neko' });
    const [{ id }] = await queue();
    await world.ask(officer, CLOSE, { id });
    const { data } = await world.ask(self, 'mutation { requestExport }');
    expect(data.requestExport.ledger.map(({ case: of, from }: { case?: string; from?: string }) => [of, from])).toEqual(
      expect.arrayContaining([[id, 'GUARDIAN']]),
    );
    expect(data.requestExport.letters).toEqual([]);
    expect(JSON.stringify(data.requestExport)).not.toContain('eleven');
  });

  test('both kinds of case can be closed', async () => {
    await world.ask(null, GUARDIAN, { child: 'Neko' });
    await world.ask(null, GUARDIAN, { child: 'Nobody' });
    for (const { id } of await queue()) await world.ask(officer, CLOSE, { id });
    expect(await queue()).toEqual([]);
  });
});
