import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newMaking } from '../../src/features/idempotency/operations.ts';
import { createRegistration } from '../../src/features/registration/operations.ts';
import { createServices } from '../../src/gateway/services.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY, HOUR } from '../support/clock.ts';
import { quiet } from '../support/store.ts';
import { createWorld, KEYS, member, staff, type TestWorld } from '../support/world.ts';

const NOW = '2026-03-10T12:00:00.000Z';
const privacyStaff = staff('privacy', 'privacy-request');

const WORLD = {
  users: [
    { id: 'neko', avatarName: 'Neko' },
    { id: 'old', avatarName: 'Old Hand' },
    { id: 'pip', avatarName: 'Pip', birthDate: '2018-01-01', status: 'SEALED' },
    { id: 'twin-1', avatarName: 'Twin' },
    { id: 'twin-2', avatarName: 'TWIN' },
    { id: 'twin-3', avatarName: 'twin', status: 'REFUSED' },
    { id: 'look-1', avatarName: 'Paypal' },
    { id: 'look-2', avatarName: 'PaypaI' },
  ],
};

let world: TestWorld;
/** A second gateway on the same database, with a clock an hour ahead. */
let ahead: TestWorld;
const clock = createClock(NOW);
const clockAhead = createClock(NOW);
beforeAll(async () => {
  world = await createWorld({}, { clock });
  clockAhead.advance(HOUR);
  ahead = await createWorld({}, { clock: clockAhead, store: world.store });
});
beforeEach(async () => {
  clock.set(NOW);
  await resetWorld(world.store);
  await world.load(WORLD);
});
afterAll(async () => {
  await ahead.close();
  await world.close();
});

const database = () => world.store.connection.getClient().db(world.store.connection.name);
const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { user { avatarName } } }';
const form = (id: string, avatarName: string) => ({
  input: { name: 'Nia Ko', email: `${id}@example.com`, avatarName, birthDate: '1990-02-03', country: 'US' },
});
const register = (id: string, avatarName: string, through = world) =>
  through.ask(member(id), REGISTER, form(id, avatarName));
const rename = (id: string, avatarName: string) =>
  world.ask(
    member(id),
    'mutation ($avatarName: String) { correctPersonalData(input: { avatarName: $avatarName }) { user { avatarName } } }',
    { avatarName },
  );
const erase = async (id: string) => {
  const { data } = await world.ask(member(id), 'mutation { requestErasure { confirmation } }');
  const ERASE = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
  await world.ask(member(id), ERASE, { confirmation: data.requestErasure.confirmation });
};
const TAKEN = { code: 'BAD_INPUT', argument: 'input.avatarName' };
const lookUp = async (avatarName: string, caller: CallerClaims | null = null) => {
  const { data, errors } = await world.ask(
    caller,
    'query ($avatarName: String) { user(avatarName: $avatarName) { id } }',
    { avatarName },
  );
  expect(errors).toEqual([]);
  return data.user?.id ?? null;
};

describe('registration.contact: a look-up by name', () => {
  test.each([
    { name: 'the spelling of the name', asked: 'Neko', found: 'neko' },
    { name: 'another letter case', asked: 'neko', found: 'neko' },
    { name: 'another width', asked: 'ＮＥＫＯ', found: 'neko' },
    { name: 'characters that nobody sees', asked: 'Ne\u200bko\u2060', found: 'neko' },
    { name: 'more space', asked: '  old \u00a0 hand ', found: 'old' },
    { name: 'a name that looks like it', asked: 'Nеko', found: null },
    { name: 'no name', asked: '', found: null },
    { name: 'nothing that anybody sees', asked: '\u200b', found: null },
    { name: 'the name of a person that does not exist for the caller', asked: 'pip', found: null },
  ])('finds a person by $name, or nobody', async ({ asked, found }) => {
    expect(await lookUp(asked)).toBe(found);
  });

  test.each([
    { asked: 'Twin', found: 'twin-1' },
    { asked: 'TWIN', found: 'twin-2' },
  ])('of several with one name, finds the one that is spelled so: $asked', async ({ asked, found }) => {
    expect(await lookUp(asked)).toBe(found);
  });

  test.each(['tWiN', 'twin'])('and always the same one where none is, or none that is there: %s', async (asked) => {
    const found = await lookUp(asked);
    expect(['twin-1', 'twin-2']).toContain(found);
    for (let times = 0; times < 3; times++) expect(await lookUp(asked)).toBe(found);
  });

  test('several at once are told apart', async () => {
    const { data } = await world.ask(
      null,
      '{ a: user(avatarName: "NEKO") { id } b: user(avatarName: "TWIN") { id } c: user(avatarName: "old hand") { id } }',
    );
    expect(data).toEqual({ a: { id: 'neko' }, b: { id: 'twin-2' }, c: { id: 'old' } });
  });

  test('a person is found by the name that they took last', async () => {
    await rename('neko', 'Nekoko');
    expect([await lookUp('neko'), await lookUp('NEKOKO')]).toEqual([null, 'neko']);
  });

  test.each([
    { child: 'pip', found: 'Pip' },
    { child: 'ＰＩＰ', found: 'Pip' },
    { child: ' P\u200bip ', found: 'Pip' },
    { child: 'Рip', found: null },
  ])('children.guardians: a guardian’s case that staff has verified is about the child, or nobody: $child', async ({
    child,
    found,
  }) => {
    const ASK = `mutation ($child: String!) {
      openGuardianCase(child: $child, contact: "guardian@example.com", message: "Please.")
    }`;
    expect((await world.ask(null, ASK, { child })).errors).toEqual([]);
    const { data } = await world.ask(privacyStaff, '{ privacyCaseQueue { id } }');
    const VERIFY = 'mutation ($id: ID!) { verifyGuardianCase(id: $id, proof: "a birth certificate") }';
    expect((await world.ask(privacyStaff, VERIFY, { id: data.privacyCaseQueue[0].id })).errors).toEqual([]);
    const people = database().collection('people');
    const about = await people.findOne({ 'facts.privacyCases.from': 'GUARDIAN' });
    expect(about?.avatarName ?? null).toBe(found);
  });
});

describe('registration.contact: a name is given to one person and never to another', () => {
  const held = async () =>
    Promise.all(['people', 'name_claims', 'mailboxes', 'person_keys', 'outgoing_mail'].map((name) => countOf(name)));
  const countOf = (name: string) => database().collection(name).countDocuments();

  test.each([
    { name: 'the name itself', avatarName: 'Old Hand' },
    { name: 'another letter case', avatarName: 'OLD HAND' },
    { name: 'another space', avatarName: 'old  hand' },
    { name: 'another width', avatarName: 'Ｏld Hand' },
    { name: 'characters that nobody sees', avatarName: 'Old\u200d Hand' },
    { name: 'a Cyrillic letter', avatarName: 'Оld Hand' },
    { name: 'a digit', avatarName: '0ld Hand' },
    { name: 'a capital that looks like a small letter', avatarName: 'OId Hand' },
    { name: 'a name that looks like another once it is folded', avatarName: 'Nekο' },
    { name: 'the name of a person that does not exist for anybody', avatarName: 'pip' },
  ])('registration refuses it and keeps nothing: $name', async ({ avatarName }) => {
    const before = await held();
    const { data, errors } = await register('new', avatarName);
    expect(data).toBeNull();
    expect(errors.map(({ extensions }) => extensions)).toEqual([expect.objectContaining(TAKEN)]);
    expect(JSON.stringify(errors)).not.toContain(avatarName);
    expect(await held()).toEqual(before);
  });

  test.each(['Nekó', 'Niko', 'OldHand', 'Neko II', 'ねこ'])('another name is free: %s', async (avatarName) => {
    const { data, errors } = await register('new', avatarName);
    expect(errors).toEqual([]);
    expect(data.register.user).toEqual({ avatarName });
    expect(await lookUp(avatarName.toUpperCase())).toBe('new');
  });

  test.each(['neko', 'NЕКО', 'pip'])('nor does a correction take it: %s', async (avatarName) => {
    const { errors } = await rename('old', avatarName);
    expect(errors[0]?.extensions).toMatchObject(TAKEN);
    expect(await lookUp('Old Hand')).toBe('old');
  });

  test('a world file may hold names that look alike, or are one', async () => {
    expect([await lookUp('Paypal'), await lookUp('PaypaI')]).toEqual(['look-1', 'look-2']);
    for (const avatarName of ['PAYPAL', 'paypai']) expect((await register('new', avatarName)).data).toBeNull();
  });

  test('a person with another’s name, by a world file, keeps it when other data is corrected', async () => {
    const { errors } = await rename('twin-2', 'TWIN');
    expect(errors).toEqual([]);
    expect((await rename('twin-2', 'Twin')).errors[0]?.extensions).toMatchObject(TAKEN);
  });

  test.each([
    { name: 'renamed', act: () => rename('neko', 'Another') },
    { name: 'erased', act: () => erase('neko') },
    { name: 'renamed, then erased', act: () => rename('neko', 'Another').then(() => erase('neko')) },
    { name: 'renamed by a world file', act: () => world.load({ users: [{ id: 'neko', avatarName: 'Another' }] }) },
  ])('not when the person was $name, however long ago', async ({ act }) => {
    await act();
    expect(await lookUp('Neko')).toBeNull();
    clock.advance(1_000 * DAY);
    await world.gateway.sweep();
    for (const avatarName of ['Neko', 'neko', 'Nеko'])
      expect((await register('new', avatarName)).errors[0]?.extensions).toMatchObject(TAKEN);
  });

  test('the same person may have an earlier name of theirs again', async () => {
    await rename('neko', 'Another');
    const { data, errors } = await rename('neko', 'neko');
    expect(errors).toEqual([]);
    expect(data.correctPersonalData.user.avatarName).toBe('neko');
  });

  test('a refusal has the same words whether the name is held, hidden, given up or looked like', async () => {
    await erase('old');
    const told = async (avatarName: string) =>
      JSON.stringify(
        (await register('new', avatarName)).errors.map(({ message, extensions }) => [message, extensions]),
      );
    const [first, ...others] = [await told('Neko'), await told('Pip'), await told('Old Hand'), await told('Nеko')];
    for (const other of others) expect(other).toBe(first);
  });
});

describe('registration.contact: two never get one name', () => {
  test.each([
    { name: 'one name', names: ['Wanted'] },
    { name: 'spellings of one name', names: ['Wanted', 'WANTED', 'ｗａｎｔｅｄ'] },
    { name: 'names that look alike', names: ['Wanted', 'Wаnted', 'Wantеd'] },
  ])('one of twelve at once gets it, through two gateways with clocks an hour apart: $name', async ({ names }) => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        register(`wants-${index}`, names[index % names.length] as string, index % 2 === 0 ? world : ahead),
      ),
    );
    expect(answers.filter(({ data }) => data)).toHaveLength(1);
    for (const { errors } of answers.filter(({ data }) => !data)) expect(errors[0]?.extensions).toMatchObject(TAKEN);
  });

  test('of twelve, half of them an hour later by another clock', async () => {
    const outcomes = [];
    for (let index = 0; index < 12; index++)
      outcomes.push(await register(`later-${index}`, 'Wanted', index % 2 === 0 ? world : ahead));
    expect(outcomes.map(({ data }) => data !== null)).toEqual([true, ...Array(11).fill(false)]);
  });

  describe('a registration that was cut off after it had taken a name', () => {
    const cutOff = async (publicId: string, avatarName: string) => {
      const services = createServices({ store: world.store, table: world.table, clock, log: quiet, ...KEYS });
      const { register: attempt } = createRegistration({
        ...services,
        keys: { ...services.keys, obtain: () => Promise.reject(new Error('power cut')) },
      });
      const registrant = { publicId, optsOut: false };
      const making = newMaking(clock.now());
      await expect(attempt(form(publicId, avatarName).input, registrant, making)).rejects.toThrow('power cut');
    };

    test('does not stand in the way of the same person', async () => {
      await cutOff('ghost', 'Ghostly');
      expect((await register('ghost', 'GHOSTLY')).errors).toEqual([]);
    });

    test('keeps the name from others for all time', async () => {
      await cutOff('ghost', 'Ghostly');
      clock.advance(1_000 * DAY);
      for (const through of [world, ahead])
        expect((await register('other', 'Ghostly', through)).errors[0]?.extensions).toMatchObject(TAKEN);
      expect((await register('ghost', 'Ghostly')).errors).toEqual([]);
    });
  });
});

test('privacy staff sees the name that a person has now', async () => {
  await world.load({ users: [{ id: 'neko', avatarName: 'Neko', privacyCases: [{ id: 'case' }] }] });
  await rename('neko', 'Nekoko');
  const { data } = await world.ask(privacyStaff, '{ user(avatarName: "nekoko") { avatarName } }');
  expect(data.user).toEqual({ avatarName: 'Nekoko' });
});
