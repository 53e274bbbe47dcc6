import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createServices } from '../../src/gateway/services.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { createClock, DAY, HOUR } from '../support/clock.ts';
import { noteCommands } from '../support/commands.ts';
import { quiet } from '../support/store.ts';
import { shopWithTies } from '../support/ties.ts';
import { createWorld, KEYS, member, type partner, staff, type TestWorld } from '../support/world.ts';

const HOME = { street: '12 Quill Row', city: 'Bremen', country: 'DE' };
const person = (id: string, more: object = {}) => ({
  id,
  nickname: `Nick ${id}`,
  fullName: `Full ${id}`,
  country: 'DE',
  ...more,
});
const USERS = [
  person('child', { home: HOME, birthday: '2005-02-03' }),
  person('sibling', { home: HOME }),
  person('parent', { birthday: '1980-02-03' }),
  person('stranger'),
];
const officer = staff('officer', 'complaints');
const [child, parent, stranger] = [member('child'), member('parent'), member('stranger')];
type Caller = ReturnType<typeof member> | ReturnType<typeof staff> | ReturnType<typeof partner> | null;

const START = '2026-03-10T12:00:00.000Z';
const clock = createClock(START);
const policy = shopWithTies();
let world: TestWorld;
const open = async (more: object = {}) => {
  await world?.close();
  clock.set(START);
  world = await createWorld({ users: USERS, ...more }, { policy, clock });
};
beforeEach(() => open());
afterAll(() => world.close());

const tie = (kind: string, from: string, to: string, more: object = {}) => ({ kind, from, to, ...more });
const collection = (name: string) =>
  world.store.connection.getClient().db(world.store.connection.name).collection(name);

const codeOf = async (caller: Caller, kind: string, as?: string) => {
  const query = `mutation ($kind: TieKind!, $as: TieEnd) { createTieCode(kind: $kind, as: $as) { code kind until } }`;
  const { data, errors } = await world.ask(caller, query, { kind, ...(as && { as }) });
  if (!data?.createTieCode) throw new Error(JSON.stringify(errors));
  return data.createTieCode as { readonly code: string; readonly kind: string; readonly until: string };
};
const enter = (caller: Caller, code: string) =>
  world.ask(
    caller,
    'mutation ($code: String!) { enterTie(code: $code) { id kind end state since other { fullName } } }',
    {
      code,
    },
  );
const confirm = (caller: Caller, id: string) =>
  world.ask(caller, 'mutation ($id: ID!) { confirmTie(id: $id) }', { id });
const end = (caller: Caller, id: string) => world.ask(caller, 'mutation ($id: ID!) { endTie(id: $id) }', { id });
const tiesOf = async (caller: Caller) =>
  (await world.ask(caller, '{ me { ties { id kind end state since other { id } } } }')).data.me.ties;
/** The field as the caller sees it of a person. */
const sees = async (caller: Caller, id: string, field: string) =>
  (await world.ask(caller, `{ user(id: "${id}") { ${field} } }`)).data.user?.[field.split(' ')[0] as string] ?? null;
const seesHome = (caller: Caller, id = 'child') => sees(caller, id, 'home { city }');
const entriesOf = async (id: string) => {
  const { data } = await world.ask(member(id), 'mutation { requestExport }');
  return data.requestExport.ledger
    .filter(({ type }: { type: string }) => type === 'TIE')
    .map(({ kind, end, action, tie }: Record<string, string>) => ({ kind, end, action, tie }));
};
const erase = async (caller: Caller) => {
  const { data } = await world.ask(caller, 'mutation { requestErasure { confirmation } }');
  const query = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
  const { errors } = await world.ask(caller, query, { confirmation: data.requestErasure.confirmation });
  expect(errors).toEqual([]);
};
/** A guardian by the whole way. */
const becomeGuardian = async () => {
  const { code } = await codeOf(child, 'GUARDIAN_OF');
  const { id } = (await enter(parent, code)).data.enterTie;
  await confirm(officer, id);
  return id as string;
};

describe('a tie by a code', () => {
  test('counts once staff confirms it, and no longer once it is ended', async () => {
    const { code, kind, until } = await codeOf(child, 'GUARDIAN_OF');
    expect({ kind, until }).toEqual({
      kind: 'GUARDIAN_OF',
      until: new Date(clock.now().getTime() + DAY).toISOString(),
    });
    expect(Buffer.from(code, 'base64url')).toHaveLength(16);
    const entered = (await enter(parent, code)).data.enterTie;
    expect(entered).toEqual({
      ...{ id: expect.any(String), kind: 'GUARDIAN_OF', end: 'HOLDER', state: 'ENTERED', since: START },
      other: { fullName: null },
    });
    expect(await seesHome(parent)).toBeNull();
    clock.advance(HOUR);
    expect((await confirm(officer, entered.id)).data.confirmTie).toBe(true);
    expect(await seesHome(parent)).toEqual({ city: 'Bremen' });
    expect(await tiesOf(child)).toEqual([
      {
        ...{
          id: entered.id,
          kind: 'GUARDIAN_OF',
          end: 'SUBJECT',
          state: 'CONFIRMED',
          since: '2026-03-10T13:00:00.000Z',
        },
        other: { id: 'parent' },
      },
    ]);
    expect((await end(child, entered.id)).data.endTie).toBe(true);
    expect(await seesHome(parent)).toBeNull();
    expect([await tiesOf(child), await tiesOf(parent)]).toEqual([[], []]);
  });

  test('shows nothing of another person, nor the holder to the data subject, nor anything to others', async () => {
    await becomeGuardian();
    expect(await seesHome(parent, 'sibling')).toBeNull();
    expect(await sees(child, 'parent', 'fullName')).toBeNull();
    expect([await seesHome(stranger), await seesHome(null)]).toEqual([null, null]);
    expect(await seesHome(parent)).toEqual({ city: 'Bremen' });
  });

  test('is put on the ledger of both people, when it is confirmed and when it ends', async () => {
    const id = await becomeGuardian();
    await end(parent, id);
    const entry = { kind: 'guardianOf', tie: id };
    expect(await entriesOf('child')).toEqual([
      { ...entry, end: 'SUBJECT', action: 'ENDED' },
      { ...entry, end: 'SUBJECT', action: 'CONFIRMED' },
    ]);
    expect(await entriesOf('parent')).toEqual([
      { ...entry, end: 'HOLDER', action: 'ENDED' },
      { ...entry, end: 'HOLDER', action: 'CONFIRMED' },
    ]);
    expect(await entriesOf('stranger')).toEqual([]);
    expect((await verify(world.store)).faults).toEqual([]);
  });

  test('that was never confirmed ends without a trace', async () => {
    const { code } = await codeOf(child, 'GUARDIAN_OF');
    const { id } = (await enter(parent, code)).data.enterTie;
    expect((await end(child, id)).data.endTie).toBe(true);
    expect([await entriesOf('child'), await entriesOf('parent')]).toEqual([[], []]);
    expect(await collection('ties').countDocuments()).toBe(0);
  });

  test('can be made again after its end', async () => {
    const first = await becomeGuardian();
    await end(child, first);
    clock.advance(HOUR);
    expect(await becomeGuardian()).toBe(first);
    expect(await seesHome(parent)).toEqual({ city: 'Bremen' });
    expect((await entriesOf('child')).map(({ action }: { action: string }) => action)).toEqual([
      ...['CONFIRMED', 'ENDED', 'CONFIRMED'],
    ]);
  });

  test('is there once, however often it is entered', async () => {
    const id = await becomeGuardian();
    const { code } = await codeOf(child, 'GUARDIAN_OF');
    expect((await enter(parent, code)).data.enterTie).toMatchObject({ id, state: 'CONFIRMED' });
    expect(await collection('ties').countDocuments()).toBe(1);
  });
});

describe('the word of the data subject', () => {
  test('confirms a tie that the holder entered, and nobody else’s does', async () => {
    const { code } = await codeOf(child, 'FOLLOWS');
    const { id } = (await enter(stranger, code)).data.enterTie;
    for (const caller of [stranger, parent, officer])
      expect((await confirm(caller, id)).errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'id' });
    expect(await sees(stranger, 'child', 'fullName')).toBeNull();
    expect((await confirm(child, id)).data.confirmTie).toBe(true);
    expect((await confirm(child, id)).data.confirmTie).toBe(true);
    expect(await sees(stranger, 'child', 'fullName')).toBe('Full child');
    expect(await entriesOf('child')).toHaveLength(1);
  });

  test('is given by entering the code of a holder', async () => {
    const { code } = await codeOf(stranger, 'FOLLOWS', 'HOLDER');
    expect((await enter(child, code)).data.enterTie).toMatchObject({ end: 'SUBJECT', state: 'CONFIRMED' });
    expect([await sees(stranger, 'child', 'fullName'), await sees(child, 'stranger', 'fullName')]).toEqual([
      ...['Full child', null],
    ]);
  });

  test('of both people makes a tie that both hold', async () => {
    const { code } = await codeOf(child, 'FRIEND_OF');
    const { id, end: side } = (await enter(parent, code)).data.enterTie;
    expect(side).toBe('PEER');
    expect((await confirm(parent, id)).errors[0]?.extensions.code).toBe('BAD_INPUT');
    expect([await sees(parent, 'child', 'birthday'), await sees(child, 'parent', 'birthday')]).toEqual([null, null]);
    await confirm(child, id);
    expect([await sees(parent, 'child', 'birthday'), await sees(child, 'parent', 'birthday')]).toEqual([
      ...['2005-02-03', '1980-02-03'],
    ]);
  });

  test('does not confirm a kind that staff confirms', async () => {
    const { code } = await codeOf(child, 'GUARDIAN_OF');
    const { id } = (await enter(parent, code)).data.enterTie;
    for (const caller of [child, parent])
      expect((await confirm(caller, id)).errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'id' });
    expect((await confirm(staff('counter', 'counter'), id)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await confirm(staff('officer', 'counter'), id)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await confirm(null, id)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await seesHome(parent)).toBeNull();
  });
});

test('the confirmation of staff is on the audit log before the tie counts', async () => {
  const id = await becomeGuardian();
  const books = await collection('audit_books').find({}).toArray();
  const acts = books.flatMap(({ entries = [] }) => entries);
  expect(acts).toMatchObject([{ act: 'TIE_CONFIRMED', case: id, by: 'officer-1', purpose: 'complaints' }]);
  expect(acts[0].sids).toHaveLength(2);
});

describe('a code that is not good is refused in one way', () => {
  const told = {
    message: 'code: expected a code of another person that is good now and was not used.',
    code: 'BAD_INPUT',
    argument: 'code',
  };
  const CODES: Readonly<Record<string, () => Promise<{ readonly caller?: Caller; readonly code: string }>>> = {
    'a wrong one': async () => ({ code: 'A'.repeat(22) }),
    'a used one': async () => {
      const { code } = await codeOf(child, 'FOLLOWS');
      await enter(stranger, code);
      return { code };
    },
    'an old one': async () => {
      const { code } = await codeOf(child, 'FOLLOWS');
      clock.advance(DAY);
      return { code };
    },
    'one’s own': async () => ({ caller: child, code: (await codeOf(child, 'FOLLOWS')).code }),
    'one of a person who refused the policy': async () => {
      const { code } = await codeOf(child, 'FOLLOWS');
      await world.load({ users: [person('child', { status: 'REFUSED' })] });
      return { code };
    },
    'one of an erased person': async () => {
      const { code } = await codeOf(child, 'FOLLOWS');
      await erase(child);
      return { code };
    },
  };
  test.each(Object.keys(CODES))('%s', async (name) => {
    const { caller = parent, code } = await (CODES[name] as (typeof CODES)[string])();
    const { data, errors } = await enter(caller, code);
    expect(data).toBeNull();
    const [{ message, extensions } = { message: '', extensions: {} as Record<string, unknown> }] = errors;
    expect({ message, code: extensions.code, argument: extensions.argument }).toEqual(told);
    expect(JSON.stringify(errors)).not.toContain(code);
  });

  test('one that is used by two at once makes one tie', async () => {
    const { code } = await codeOf(child, 'FOLLOWS');
    const answers = await Promise.all([enter(parent, code), enter(stranger, code)]);
    expect(answers.filter(({ data }) => data !== null)).toHaveLength(1);
    expect(await collection('ties').countDocuments()).toBe(1);
  });

  test('after 20 tries within an hour none is taken, good or not', async () => {
    for (let tries = 0; tries < 20; tries++) await enter(parent, `wrong-${tries}`);
    const { code } = await codeOf(child, 'FOLLOWS');
    expect((await enter(parent, code)).errors[0]?.extensions.code).toBe('RATE_LIMITED');
    clock.advance(HOUR);
    expect((await enter(parent, code)).data.enterTie.kind).toBe('FOLLOWS');
  });
});

describe('codes', () => {
  test('10 of one person may be open at a time', async () => {
    await Promise.all(Array.from({ length: 10 }, () => codeOf(child, 'FOLLOWS')));
    await expect(codeOf(child, 'FRIEND_OF')).rejects.toThrow('"code":"CONFLICT"');
    await codeOf(parent, 'FRIEND_OF');
    clock.advance(DAY);
    await codeOf(child, 'FRIEND_OF');
  });

  test('are kept as marks alone, and forgotten once they are old', async () => {
    const { code } = await codeOf(child, 'FOLLOWS');
    expect(JSON.stringify(await collection('tie_codes').find({}).toArray())).not.toContain(code);
    clock.advance(DAY);
    await world.gateway.sweep();
    expect(await collection('tie_codes').countDocuments()).toBe(0);
  });

  test.each([
    { kind: 'GUARDIAN_OF', as: 'HOLDER', expected: 'as: expected SUBJECT for this kind.' },
    { kind: 'FOLLOWS', as: 'PEER', expected: 'as: expected SUBJECT or HOLDER for this kind.' },
    { kind: 'FRIEND_OF', as: 'SUBJECT', expected: 'as: expected PEER for this kind.' },
  ])('of $kind make nobody a $as', async ({ kind, as, expected }) => {
    await expect(codeOf(child, kind, as)).rejects.toThrow(expected);
  });

  test.each<{ name: string; caller: Caller }>([
    { name: 'a visitor', caller: null },
    { name: 'staff', caller: officer },
  ])('are made and entered by no $name', async ({ caller }) => {
    await expect(codeOf(caller, 'FOLLOWS')).rejects.toThrow('"code":"FORBIDDEN"');
    expect((await enter(caller, 'A'.repeat(22))).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('an end that is not active', () => {
  const GUARDIAN = { ties: [tie('guardianOf', 'parent', 'child')] };
  test.each([
    { who: 'child', status: 'SEALED' },
    { who: 'child', status: 'REFUSED' },
    { who: 'parent', status: 'SEALED' },
    { who: 'parent', status: 'REFUSED' },
  ])('gives nothing: $who is $status', async ({ who, status }) => {
    await open(GUARDIAN);
    expect(await seesHome(parent)).toEqual({ city: 'Bremen' });
    await world.load({ users: [person(who, { status })] });
    expect(await seesHome(parent)).toBeNull();
    expect(await tiesOf(child)).toMatchObject([{ kind: 'GUARDIAN_OF', state: 'CONFIRMED', other: null }]);
    await world.load({ users: [person(who, { status: 'ACTIVE' })] });
    expect(await seesHome(parent)).toEqual({ city: 'Bremen' });
  });

  test.each(['child', 'parent'])('that is erased takes the tie along: %s', async (who) => {
    await open(GUARDIAN);
    const other = who === 'child' ? 'parent' : 'child';
    await erase(member(who));
    expect(await tiesOf(member(other))).toEqual([]);
    expect((await entriesOf(other)).map(({ action }: { action: string }) => action)).toEqual(['ENDED', 'CONFIRMED']);
    expect(await collection('ties').countDocuments()).toBe(0);
    expect((await verify(world.store)).faults).toEqual([]);
  });
});

describe('an act that was cut off is finished later', () => {
  const services = () => createServices({ store: world.store, table: world.table, clock, log: quiet, ...KEYS });

  test('a tie with a cut-off confirmation does not count until the ledgers say so', async () => {
    await open({ ties: [tie('guardianOf', 'parent', 'child', { confirmed: false })] });
    await collection('ties').updateOne({}, { $set: { state: 'CONFIRMING', at: clock.now(), behind: true } });
    expect([await seesHome(parent), (await tiesOf(child))[0].state]).toEqual([null, 'ENTERED']);
    await world.gateway.sweep();
    await world.gateway.sweep();
    expect(await seesHome(parent)).toEqual({ city: 'Bremen' });
    expect(await entriesOf('parent')).toHaveLength(1);
  });

  test('a tie with a cut-off end does not count, and the ledgers follow', async () => {
    await open({ ties: [tie('guardianOf', 'parent', 'child')] });
    await collection('ties').updateOne({}, { $set: { state: 'ENDED', at: clock.now(), behind: true } });
    expect([await seesHome(parent), await tiesOf(child)]).toEqual([null, []]);
    await services().personTies.completeAll();
    expect((await entriesOf('child')).map(({ action }: { action: string }) => action)).toEqual(['ENDED', 'CONFIRMED']);
    expect(await collection('ties').countDocuments()).toBe(0);
  });
});

describe('other callers', () => {
  beforeEach(() => open({ ties: [tie('guardianOf', 'parent', 'child')] }));

  test('see no ties of a person', async () => {
    for (const caller of [parent, stranger]) {
      const { data, errors } = await world.ask(caller, '{ user(id: "child") { ties { id } } }');
      expect([data.user.ties, errors[0]?.extensions]).toMatchObject([null, { code: 'FORBIDDEN', category: 'ACCOUNT' }]);
    }
  });

  test('end no tie of other people', async () => {
    const [{ id }] = await tiesOf(child);
    expect((await end(stranger, id)).data.endTie).toBe(false);
    expect((await end(officer, id)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await seesHome(parent)).toEqual({ city: 'Bremen' });
  });
});

test('ties of a kind are listed alone, and the export has all of them without the other people', async () => {
  await open({
    ties: [tie('guardianOf', 'parent', 'child'), tie('friendOf', 'stranger', 'child', { confirmed: false })],
  });
  const { data } = await world.ask(child, '{ me { ties(kind: FRIEND_OF) { kind state end } } }');
  expect(data.me.ties).toEqual([{ kind: 'FRIEND_OF', state: 'ENTERED', end: 'PEER' }]);
  const exported = (await world.ask(child, 'mutation { requestExport }')).data.requestExport;
  const account = exported['dpv:hasPersonalData'].find(({ category }: { category: string }) => category === 'ACCOUNT');
  expect(account.value.ties.map(({ kind, end, state }: Record<string, string>) => ({ kind, end, state }))).toEqual(
    expect.arrayContaining([
      { kind: 'guardianOf', end: 'SUBJECT', state: 'CONFIRMED' },
      { kind: 'friendOf', end: 'PEER', state: 'ENTERED' },
    ]),
  );
  expect(JSON.stringify(account)).not.toMatch(/parent|stranger/);
});

describe('a world file', () => {
  test('loaded twice changes nothing, and takes back ties that it no longer confirms', async () => {
    const confirmed = { ties: [tie('guardianOf', 'parent', 'child')] };
    await open(confirmed);
    await world.load(confirmed);
    expect(await entriesOf('child')).toHaveLength(1);
    await world.load({ ties: [tie('guardianOf', 'parent', 'child', { confirmed: false })] });
    expect([await seesHome(parent), (await tiesOf(child))[0].state]).toEqual([null, 'ENTERED']);
    expect((await verify(world.store)).faults).toEqual([]);
  });

  test.each([
    {
      name: 'a kind that there is not',
      ties: [tie('knows', 'parent', 'child')],
      told: 'ties[0].kind: expected one of guardianOf, friendOf, follows',
    },
    {
      name: 'a person that there is not',
      ties: [tie('follows', 'nobody', 'child')],
      told: 'ties[0].from: expected the id of a user, in this file or the database',
    },
    {
      name: 'a person with a tie to themself',
      ties: [tie('follows', 'child', 'child')],
      told: 'ties[0].to: expected another person than in `from`',
    },
  ])('is refused with $name', async ({ ties, told }) => {
    await expect(world.load({ ties })).rejects.toThrow(told);
  });

  test('of a company without ties has none', async () => {
    const other = await createWorld();
    await expect(other.load({ ties: [] })).rejects.toThrow('unknown key "ties"');
    const { data } = await other.ask(null, '{ __schema { types { name } } }');
    expect(JSON.stringify(data)).not.toContain('"Tie');
    await other.close();
  });
});

describe('database commands', () => {
  const friends = (count: number) => Array.from({ length: count }, (_, index) => person(`f${index}`, { home: HOME }));
  const commandsOf = async (caller: Caller, query: string) => {
    const noted = noteCommands(world.store);
    const { data } = await world.ask(caller, query);
    return { data, sent: noted.stop().filter((name) => name.startsWith('find ') || name.startsWith('aggregate ')) };
  };

  test('a page of 20 people asks for ties once, for any number of them', async () => {
    const people = friends(20);
    await open({
      users: [...USERS, ...people],
      ties: people.slice(0, 7).map(({ id }) => tie('guardianOf', 'parent', id)),
    });
    const aliases = people.map(({ id }) => `${id}: user(id: "${id}") { home { city } }`).join(' ');
    const asked = await commandsOf(parent, `{ ${aliases} nobody: user(id: "nobody") { id } }`);
    expect(Object.values(asked.data).filter((found) => (found as { home: unknown } | null)?.home)).toHaveLength(7);
    expect(asked.sent.filter((name) => name === 'find ties')).toHaveLength(1);
    const unknown = await commandsOf(parent, '{ user(id: "nobody") { id } }');
    const known = await commandsOf(parent, '{ user(id: "f9") { id } }');
    expect([unknown.sent, known.sent].map((sent) => sent.filter((name) => name === 'find ties').length)).toEqual([
      1, 1,
    ]);
  });

  test('nothing is asked for ties where no decision needs them', async () => {
    for (const [caller, query] of [
      [parent, '{ me { fullName } }'],
      [null, '{ user(id: "child") { nickname } }'],
      [officer, '{ users { edges { node { nickname } } } }'],
    ] as const)
      expect((await commandsOf(caller, query)).sent).not.toContain('find ties');
  });

  test('a list of ties with the other people takes as many commands for 20 as for 2', async () => {
    const count = async (ties: number) => {
      const people = friends(ties);
      await open({ users: [...USERS, ...people], ties: people.map(({ id }) => tie('guardianOf', 'parent', id)) });
      const { data, sent } = await commandsOf(parent, '{ me { ties { kind other { fullName home { city } } } } }');
      expect(data.me.ties.filter(({ other }: { other: { home: unknown } }) => other.home)).toHaveLength(ties);
      return sent.length;
    };
    expect(await count(20)).toBe(await count(2));
  });
});

describe('for any ties, each person sees the result of a reading of them by hand', () => {
  const IDS = USERS.map(({ id }) => id);
  const two = fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 2, maxLength: 2 });
  const anyTie = fc.record({
    kind: fc.constantFrom('guardianOf', 'friendOf', 'follows'),
    ends: two,
    confirmed: fc.boolean(),
  });
  const anyTies = fc.uniqueArray(anyTie, { maxLength: 8, selector: ({ kind, ends }) => `${kind} ${[...ends].sort()}` });

  test('over the gateway', async () => {
    await fc.assert(
      fc.asyncProperty(anyTies, async (some) => {
        const ties = some.map(({ kind, ends: [from = '', to = ''], confirmed }) => tie(kind, from, to, { confirmed }));
        await open({ ties });
        const holds = (kind: string, from: string, to: string) =>
          some.some((one) => one.kind === kind && one.confirmed && one.ends[0] === from && one.ends[1] === to);
        for (const from of IDS) {
          const others = IDS.filter((id) => id !== from);
          const query = `{ ${others.map((id) => `${id}: user(id: "${id}") { allergies fullName }`).join(' ')} }`;
          const { errors } = await world.ask(member(from), query);
          const denied = new Set(errors.map(({ path }) => path?.join('.')));
          for (const to of others) {
            const isFriend = holds('friendOf', from, to) || holds('friendOf', to, from);
            const isGuardian = holds('guardianOf', from, to);
            expect([denied.has(`${to}.allergies`), denied.has(`${to}.fullName`)]).toEqual([
              !isGuardian,
              !(isGuardian || isFriend || holds('follows', from, to)),
            ]);
          }
        }
      }),
      { numRuns: 12 },
    );
  });
});
