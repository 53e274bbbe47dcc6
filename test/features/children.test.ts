import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY, HOUR } from '../support/clock.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const officer = staff('privacy', 'privacy-request');
const colleague: CallerClaims = { ...officer, sub: 'privacy-2' };
const mailer = partner('mailer', 'service-notice', 'name email');

const OWN = { id: 'own' };
const GUARDIAN = { id: 'guardian', from: 'GUARDIAN', verified: true };
const CHILDS_DATE = '2016-02-03';
const WORLD = {
  users: [
    { id: 'adult', avatarName: 'Neko', name: 'Nia Ko', birthDate: '1990-02-03', country: 'US', privacyCases: [OWN] },
    { id: 'undated', avatarName: 'Undated', privacyCases: [OWN] },
    { id: 'guarded', avatarName: 'Guarded', birthDate: '1990-02-03', privacyCases: [OWN, GUARDIAN] },
    { id: 'by-guardian', avatarName: 'By guardian', privacyCases: [GUARDIAN] },
    { id: 'hearsay', avatarName: 'Hearsay', privacyCases: [OWN, { id: 'g', from: 'GUARDIAN' }] },
    { id: 'answered', avatarName: 'Answered', privacyCases: [OWN, { ...GUARDIAN, status: 'CLOSED' }] },
    { id: 'refused', avatarName: 'Gone', status: 'REFUSED', birthDate: CHILDS_DATE, privacyCases: [OWN] },
    { id: 'alone', avatarName: 'Alone', birthDate: '1990-02-03' },
    { id: 'filed', avatarName: 'Filed', status: 'SEALED', birthDate: CHILDS_DATE, privacyCases: [OWN] },
  ],
  partners: [
    {
      ...{ clientId: 'mailer', name: 'Mailer', kind: 'EMAIL_PROVIDER', jurisdiction: 'US' },
      contract: { purposes: ['service-notice'] },
    },
  ],
};
const START = '2026-03-10T12:00:00.000Z';
const DUE = '2026-04-09T12:00:00.000Z';

const SEAL = 'mutation ($user: ID!) { sealChild(user: $user) { deletionDueAt user { status deletionDueAt } } }';
const UNSEAL = 'mutation ($user: ID!) { unsealAccount(user: $user) { deletionDueAt user { status deletionDueAt } } }';
const RECORD = 'mutation ($user: ID!, $seen: String!) { recordChildFinding(user: $user, seen: $seen) }';
const CONFIRM = 'mutation ($id: ID!) { confirmChildFinding(id: $id) }';
const CORRECT = `mutation ($input: CorrectionInput!) {
  correctPersonalData(input: $input) { user { status birthDate deletionDueAt } corrections { category } }
}`;

const clock = createClock(START);
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({}, { clock });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
  await world.load(WORLD);
});
afterAll(() => world.close());

const database = () => world.store.connection.getClient().db(world.store.connection.name);
const ask = async (caller: CallerClaims | null, query: string, variables = {}) => {
  const { data, errors } = await world.ask(caller, query, variables);
  expect(errors).toEqual([]);
  return data;
};
const seal = (user: string, caller: CallerClaims | null = officer) => world.ask(caller, SEAL, { user });
const unseal = (user: string, caller: CallerClaims | null = officer) => world.ask(caller, UNSEAL, { user });
const correct = (id: string, input: object) => world.ask(member(id), CORRECT, { input });
const record = async (user: string, seen = 'post 7: "I am ten"') =>
  (await ask(officer, RECORD, { user, seen })).recordChildFinding;
const confirm = (id: string, caller = colleague) => world.ask(caller, CONFIRM, { id });
const me = async (id: string) => (await ask(member(id), '{ me { status birthDate deletionDueAt } }')).me;
const statusOf = async (id: string) => (await me(id)).status;
const stored = (publicId: string) => database().collection('people').findOne({ publicId });
const ledgerOf = async (id: string) => {
  await world.gateway.sweep();
  const sid = (await stored(id))?._id as unknown as string;
  const types = ['SEALING', 'UNSEALING', 'CORRECTION'];
  const found = database()
    .collection('person_ledger')
    .find({ sid, type: { $in: types } }, { sort: { n: 1 } });
  return (await found.toArray()).map(({ type, learnedBy, by, categories }) => ({ type, learnedBy, by, categories }));
};
const acts = async () => {
  const books = await database().collection('audit_books').find({ type: 'ENTRIES' }).toArray();
  return books.flatMap(({ entries }) => entries).filter(({ act }) => act !== undefined);
};
const actsSince = async (before: number) => (await acts()).slice(before);

/** The person as everybody else sees them. */
const seenOf = async (id: string) => {
  const READ = 'query ($id: ID!) { user(id: $id) { avatarName } }';
  const others = [null, member('undated'), staff('support', 'customer-support')];
  return Promise.all(others.map(async (caller) => (await ask(caller, READ, { id })).user));
};
const NOBODY = [null, null, null];

describe('children.age-limit: privacy staff seals by facts on record', () => {
  test.each([
    { name: 'a birth date below the age', user: 'refused', ground: 'BIRTH_DATE' },
    { name: 'an open case of a verified guardian', user: 'by-guardian', ground: 'GUARDIAN' },
    { name: 'the same beside an adult’s birth date', user: 'guarded', ground: 'GUARDIAN' },
  ])('$name lets them: everything is closed at once and queued for deletion', async ({ user, ground }) => {
    const { data, errors } = await seal(user);
    expect(errors).toEqual([]);
    expect(data.sealChild).toEqual({ deletionDueAt: DUE, user: { status: 'SEALED', deletionDueAt: DUE } });
    expect(await seenOf(user)).toEqual(NOBODY);
    expect((await seal(user)).data).toEqual(data);
    expect(await ledgerOf(user)).toMatchObject([{ type: 'SEALING', learnedBy: ground }]);
  });

  test.each([
    { name: 'an adult with a case of their own', user: 'adult' },
    { name: 'somebody without a birth date on record', user: 'undated' },
    { name: 'somebody named by an unverified guardian', user: 'hearsay' },
    { name: 'somebody with a closed case of a verified guardian', user: 'answered' },
  ])('nothing on record lets them seal $name', async ({ user }) => {
    const before = await stored(user);
    const { data, errors } = await seal(user);
    expect(data).toEqual({ sealChild: null });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'NOT_PERMITTED' });
    expect(await stored(user)).toEqual(before);
  });

  test.each([
    { name: 'somebody without an open case', caller: officer, user: 'alone', code: undefined },
    { name: 'an id never issued', caller: officer, user: 'nobody', code: undefined },
    { name: 'anybody, as support', caller: staff('support', 'customer-support'), user: 'guarded', code: 'FORBIDDEN' },
    {
      name: 'anybody, for another purpose',
      caller: staff('privacy', 'legal-process'),
      user: 'guarded',
      code: 'FORBIDDEN',
    },
    { name: 'anybody, as legal', caller: staff('legal', 'legal-process'), user: 'guarded', code: 'FORBIDDEN' },
    { name: 'themself, as a member', caller: member('guarded'), user: 'guarded', code: 'FORBIDDEN' },
    { name: 'anybody, as a partner', caller: mailer, user: 'guarded', code: 'FORBIDDEN' },
  ])('nobody seals or unseals $name', async ({ caller, user, code }) => {
    for (const [field, answer] of [
      ['sealChild', await seal(user, caller)],
      ['unsealAccount', await unseal(user, caller)],
    ] as const) {
      expect(answer.data).toEqual({ [field]: null });
      expect(answer.errors[0]?.extensions.code).toBe(code);
    }
    expect(await statusOf('guarded')).toBe('ACTIVE');
  });

  test('each act is on the audit log, with the member of staff, before it is done', async () => {
    const before = (await acts()).length;
    await seal('guarded');
    await seal('guarded');
    await unseal('guarded', colleague);
    const sids = [(await stored('guarded'))?._id];
    expect(await actsSince(before)).toMatchObject([
      { act: 'ACCOUNT_SEALED', by: 'privacy-1', sids, role: 'privacy', purpose: 'privacy-request', at: START },
      { act: 'ACCOUNT_UNSEALED', by: 'privacy-2', sids },
    ]);
  });

  test('a queued deletion happens when its time has come, and not before', async () => {
    await seal('guarded');
    clock.advance(30 * DAY - HOUR);
    await world.gateway.sweep();
    expect(await statusOf('guarded')).toBe('SEALED');
    clock.advance(HOUR);
    await world.gateway.sweep();
    expect((await world.ask(member('guarded'), '{ me { status } }')).status).toBe(401);
  });
});

describe('children.age-limit: two members of privacy staff seal on a finding', () => {
  test('one member records, another confirms; only then is the account sealed', async () => {
    const id = await record('alone');
    expect(await statusOf('alone')).toBe('ACTIVE');
    const { privacyCases } = await ask(
      colleague,
      '{ privacyCases(kinds: [FINDING]) { edges { node { id child message overdue user { id } } } } }',
    );
    expect(privacyCases.edges).toEqual([
      { node: { id, child: 'alone', message: 'post 7: "I am ten"', overdue: false, user: null } },
    ]);
    expect((await confirm(id)).data).toEqual({ confirmChildFinding: true });
    expect(await me('alone')).toMatchObject({ status: 'SEALED', deletionDueAt: DUE });
    expect(await seenOf('alone')).toEqual(NOBODY);
    expect(await ledgerOf('alone')).toMatchObject([{ type: 'SEALING', learnedBy: 'FINDING' }]);
    expect((await ask(officer, '{ privacyCaseQueue { kind } }')).privacyCaseQueue).not.toContainEqual({
      kind: 'FINDING',
    });
  });

  test('a finding opens nothing of the record, neither before nor after', async () => {
    const READ = '{ user(id: "alone") { avatarName } }';
    const id = await record('alone');
    expect((await ask(officer, READ)).user).toBeNull();
    await confirm(id);
    expect((await ask(officer, READ)).user).toBeNull();
  });

  test('nobody confirms their own finding, by any token', async () => {
    const id = await record('alone');
    for (const _ of [1, 2])
      expect((await confirm(id, officer)).errors[0]?.extensions).toMatchObject({
        code: 'FORBIDDEN',
        reason: 'NOT_PERMITTED',
      });
    expect(await statusOf('alone')).toBe('ACTIVE');
  });

  test('the answers are the same about nobody', async () => {
    const id = await record('nobody-here');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect((await confirm(id)).data).toEqual({ confirmChildFinding: true });
  });

  test('one that was closed seals nothing, nor one that was confirmed', async () => {
    const closed = await record('alone');
    await ask(officer, 'mutation ($id: ID!) { closePrivacyCase(id: $id) }', { id: closed });
    const confirmed = await record('nobody-here');
    await confirm(confirmed);
    for (const id of [closed, confirmed, 'nothing', 'own'])
      expect((await confirm(id)).errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'id' });
    expect(await statusOf('alone')).toBe('ACTIVE');
  });

  test('both acts are on the audit log, and the finding is readable nowhere', async () => {
    const before = (await acts()).length;
    const id = await record('alone', 'the very words');
    await confirm(id);
    expect(await actsSince(before)).toMatchObject([
      { act: 'CHILD_FINDING_RECORDED', case: id, by: 'privacy-1', sids: [] },
      { act: 'CHILD_FINDING_CONFIRMED', case: id, by: 'privacy-2', sids: [(await stored('alone'))?._id] },
    ]);
    for (const { name } of await database().listCollections().toArray())
      expect(JSON.stringify(await database().collection(name).find().toArray())).not.toContain('the very words');
  });

  test.each([
    { name: 'a visitor', caller: null },
    { name: 'a member', caller: member('alone') },
    { name: 'support staff', caller: staff('support', 'customer-support') },
    { name: 'privacy staff with another purpose', caller: staff('privacy', 'customer-support') },
  ])('$name neither records nor confirms any', async ({ caller }) => {
    const id = await record('alone');
    const variables = { user: 'alone', seen: 'ten', id };
    for (const query of [RECORD, CONFIRM])
      expect((await world.ask(caller, query, variables)).errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    expect(await statusOf('alone')).toBe('ACTIVE');
  });
});

describe('children.age-limit: a seal can be lifted until everything is deleted', () => {
  test('privacy staff lifts it on an open case of the person’s own', async () => {
    await seal('guarded');
    expect((await unseal('guarded')).data.unsealAccount).toEqual({
      deletionDueAt: null,
      user: { status: 'ACTIVE', deletionDueAt: null },
    });
    expect(await seenOf('guarded')).not.toContain(null);
    expect(await ledgerOf('guarded')).toMatchObject([
      { type: 'SEALING', learnedBy: 'GUARDIAN' },
      { type: 'UNSEALING', by: 'STAFF' },
    ]);
    clock.advance(40 * DAY);
    await world.gateway.sweep();
    expect(await statusOf('guarded')).toBe('ACTIVE');
  });

  test('a sealed person opens such a case themself', async () => {
    await confirm(await record('alone'));
    expect((await unseal('alone')).data).toEqual({ unsealAccount: null });
    await ask(member('alone'), 'mutation { openPrivacyCase(message: "I am 36") { id } }');
    expect((await unseal('alone')).data.unsealAccount.user).toEqual({ status: 'ACTIVE', deletionDueAt: null });
  });

  test('a guardian’s case is no ground to lift it', async () => {
    await seal('by-guardian');
    const { data, errors } = await unseal('by-guardian');
    expect(data).toEqual({ unsealAccount: null });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'NOT_PERMITTED' });
    expect(await statusOf('by-guardian')).toBe('SEALED');
  });

  test('a person who had refused the policy has still refused it', async () => {
    await seal('refused');
    expect((await unseal('refused')).data.unsealAccount.user).toEqual({ status: 'REFUSED', deletionDueAt: null });
  });

  test('a seal that came with a world file is lifted too, and a child’s birth date goes with it, into the history', async () => {
    expect(await me('filed')).toEqual({ status: 'SEALED', birthDate: CHILDS_DATE, deletionDueAt: null });
    await unseal('filed');
    expect(await me('filed')).toEqual({ status: 'ACTIVE', birthDate: null, deletionDueAt: null });
    const { corrections } = (await ask(member('filed'), '{ me { corrections { category previousValue } } }')).me;
    expect(corrections).toEqual([{ category: 'BIRTH_DATE', previousValue: JSON.stringify(CHILDS_DATE) }]);
    expect(await ledgerOf('filed')).toMatchObject([
      { type: 'UNSEALING', by: 'STAFF' },
      { type: 'CORRECTION', categories: ['BIRTH_DATE'] },
    ]);
  });

  test('a world file that states the account to be in use lifts it, and nothing is deleted', async () => {
    await seal('guarded');
    await world.load({ users: [{ id: 'guarded', avatarName: 'Guarded', status: 'ACTIVE' }] });
    clock.advance(40 * DAY);
    await world.gateway.sweep();
    expect(await me('guarded')).toMatchObject({ status: 'ACTIVE', deletionDueAt: null });
  });

  test('not once the time is over, though nothing is deleted yet', async () => {
    await seal('guarded');
    clock.advance(30 * DAY);
    expect((await unseal('guarded')).errors[0]?.extensions).toMatchObject({ code: 'CONFLICT' });
    clock.advance(-1);
    expect((await unseal('guarded')).errors).toEqual([]);
  });

  test('an account that is not sealed stays as it is', async () => {
    const before = await stored('adult');
    expect((await unseal('adult')).data.unsealAccount.user.status).toBe('ACTIVE');
    expect(await stored('adult')).toEqual(before);
  });

  test('an account that is opened again while a sweep is at work on others is left alone', async () => {
    await seal('guarded');
    await seal('by-guardian');
    clock.advance(31 * DAY);
    const people = database().collection('people');
    const opened = await stored('by-guardian');
    const client = world.store.connection.getClient();
    const openAgain = ({ commandName, command }: { commandName: string; command: Record<string, unknown> }) => {
      if (commandName !== 'update' || command.update !== 'tombstones') return;
      client.off('commandStarted', openAgain);
      void people.updateOne(
        { _id: opened?._id as never },
        { $set: { 'facts.status': 'ACTIVE' }, $unset: { deletionDueAt: 1 }, $inc: { revision: 1 } },
      );
    };
    client.on('commandStarted', openAgain);
    await world.gateway.sweep();
    expect(await stored('guarded')).toBeNull();
    expect(await stored('by-guardian')).toMatchObject({ facts: { status: 'ACTIVE' }, avatarName: 'By guardian' });
  });
});

describe('children.age-limit: a birth date that the person gives', () => {
  const typo = { birthDate: '2019-02-03' };
  const meant = { ...typo, confirmBirthDate: true };
  const right = { birthDate: '1990-02-03' };

  test('one below the age is asked about first, and nothing is changed', async () => {
    const before = await stored('adult');
    const claims = await database().collection('claims').countDocuments();
    for (const input of [typo, { ...typo, confirmBirthDate: false }, { ...typo, avatarName: 'Other', name: 'Other' }]) {
      const { data, errors } = await correct('adult', input);
      expect(data).toBeNull();
      expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'input.confirmBirthDate' });
      expect(JSON.stringify(errors)).not.toContain('2019');
    }
    expect(await stored('adult')).toEqual(before);
    expect(await database().collection('claims').countDocuments()).toBe(claims);
  });

  test('confirmed, it seals the account at once, and the person sees until when', async () => {
    const { data } = await correct('adult', meant);
    expect(data.correctPersonalData.user).toEqual({ status: 'SEALED', birthDate: '2019-02-03', deletionDueAt: DUE });
    expect(await seenOf('adult')).toEqual(NOBODY);
    const toStaff = await ask(officer, '{ user(id: "adult") { avatarName deletionDueAt } }');
    expect(toStaff.user).toEqual({ avatarName: 'Neko', deletionDueAt: DUE });
    expect(await me('adult')).toMatchObject({ deletionDueAt: DUE });
  });

  test('any other needs no confirmation', async () => {
    expect((await correct('adult', { birthDate: '2013-03-08' })).errors).toEqual([]);
    expect(await statusOf('adult')).toBe('ACTIVE');
  });

  test('the person puts a wrong one right, and the account is as before', async () => {
    await correct('adult', meant);
    const { data } = await correct('adult', right);
    expect(data.correctPersonalData.user).toEqual({ status: 'ACTIVE', birthDate: '1990-02-03', deletionDueAt: null });
    expect(await seenOf('adult')).not.toContain(null);
    expect(await ledgerOf('adult')).toMatchObject([
      { type: 'CORRECTION', categories: ['BIRTH_DATE'] },
      { type: 'SEALING', learnedBy: 'CORRECTION' },
      { type: 'CORRECTION', categories: ['BIRTH_DATE'] },
      { type: 'UNSEALING', by: 'CORRECTION' },
    ]);
    clock.advance(40 * DAY);
    await world.gateway.sweep();
    expect(await statusOf('adult')).toBe('ACTIVE');
  });

  test('a person who had refused the policy has still refused it', async () => {
    await world.load({ users: [{ id: 'no', avatarName: 'No', status: 'REFUSED' }] });
    await correct('no', meant);
    expect(await statusOf('no')).toBe('SEALED');
    await correct('no', right);
    expect(await statusOf('no')).toBe('REFUSED');
  });

  test.each([
    { name: 'another date below the age', next: async () => correct('adult', { ...meant, birthDate: '2018-01-01' }) },
    { name: 'another correction', next: async () => correct('adult', { name: 'Nia' }) },
    {
      name: 'the right date once the time is over',
      next: async () => {
        clock.advance(30 * DAY);
        return correct('adult', right);
      },
    },
  ])('$name lifts nothing', async ({ next }) => {
    await correct('adult', meant);
    expect((await next()).errors).toEqual([]);
    expect(await me('adult')).toMatchObject({ status: 'SEALED', deletionDueAt: DUE });
  });

  test('it can be put right once: the second time it takes staff', async () => {
    await correct('adult', meant);
    await correct('adult', right);
    await correct('adult', meant);
    await correct('adult', right);
    expect(await statusOf('adult')).toBe('SEALED');
    await unseal('adult');
    expect(await me('adult')).toEqual({ status: 'ACTIVE', birthDate: '1990-02-03', deletionDueAt: null });
  });

  test.each([
    { name: 'on the birth date that the person gave', id: 'adult', sealed: () => seal('adult') },
    { name: 'on a verified guardian’s case', id: 'guarded', sealed: () => seal('guarded') },
    { name: 'on a finding', id: 'adult', sealed: async () => confirm(await record('adult')) },
  ])('nor where staff has sealed the account as well, $name', async ({ id, sealed }) => {
    await correct(id, meant);
    expect((await sealed()).errors).toEqual([]);
    await correct(id, right);
    expect(await me(id)).toMatchObject({ status: 'SEALED', deletionDueAt: DUE });
  });

  test.each([
    'guarded',
    'filed',
  ])('a seal that the person did not bring about is not theirs to lift: %s', async (id) => {
    if (id === 'guarded') await seal(id);
    await correct(id, { birthDate: '1991-01-01' });
    expect(await statusOf(id)).toBe('SEALED');
  });
});
