import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY } from '../support/clock.ts';
import { createCommandLog, tallyOf } from '../support/commands.ts';
import { createWorld, member, staff, type TestWorld } from '../support/world.ts';

const officer = staff('privacy', 'privacy-request');
const self = member('u1');
const OPEN =
  'mutation ($message: String!) { openPrivacyCase(message: $message) { privacyCases { id kind status openedAt dueAt } } }';
const GUARDIAN = `mutation ($child: String!, $contact: EmailAddress!) {
  openGuardianCase(child: $child, contact: $contact, message: "My child is eleven")
}`;
const VERIFY = 'mutation ($id: ID!, $proof: String!) { verifyGuardianCase(id: $id, proof: $proof) }';
const CLOSE = 'mutation ($id: ID!) { closePrivacyCase(id: $id) }';
const FIELDS = 'id kind dueAt overdue child message contact proof user { avatarName name }';
const QUEUE = `{ privacyCaseQueue { ${FIELDS} } }`;
const READ = '{ user(id: "u1") { name } }';

const USERS = [
  { id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'nia@example.com' },
  { id: 'u2', avatarName: 'Ziggy', status: 'REFUSED' },
  { id: 'child', avatarName: 'Pip', name: 'Pia', email: 'pip@example.com', status: 'SEALED', birthDate: '2016-01-01' },
];

const START = '2026-03-01T12:00:00.000Z';
const clock = createClock(START);
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({}, { clock });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
  await world.load({ users: USERS });
});
afterAll(() => world.close());

const database = () => world.store.connection.getClient().db(world.store.connection.name);
const ask = async (caller: CallerClaims | null, query: string, variables = {}) => {
  const { data, errors } = await world.ask(caller, query, variables);
  expect(errors).toEqual([]);
  return data;
};
const queue = async () => (await ask(officer, QUEUE)).privacyCaseQueue;
const open = async (caller = self, message = 'What do you hold?') =>
  (await ask(caller, OPEN, { message })).openPrivacyCase.privacyCases.at(-1);
const write = (child: string, contact = 'parent@example.com') => world.ask(null, GUARDIAN, { child, contact });
const verify = (id: string, proof = 'a birth certificate', caller = officer) =>
  world.ask(caller, VERIFY, { id, proof });
/** A guardian writes about a child, and staff verifies the guardian. */
const verified = async (child: string) => {
  await write(child);
  const { id } = (await queue()).find((waiting: { child: string }) => waiting.child === child);
  expect((await verify(id)).data).toEqual({ verifyGuardianCase: true });
  return id as string;
};
const sidOf = async (publicId: string) =>
  String(
    (
      await database()
        .collection('people')
        .findOne({ publicId }, { projection: { _id: 1 } })
    )?._id,
  );
const audits = async () =>
  (await database().collection('audit_books').find({ type: 'ENTRIES' }).toArray()).flatMap(({ entries }) => entries);
const auditsOf = async (sid: string) => (await audits()).filter(({ sids }) => sids.includes(sid));

describe('contact.privacy-officer: questions go to the officer, and are due', () => {
  test('a person opens a case that is due in the days that the policy gives', async () => {
    expect(await open()).toMatchObject({
      kind: 'SUBJECT',
      status: 'OPEN',
      openedAt: '2026-03-01T12:00:00.000Z',
      dueAt: '2026-03-31T12:00:00.000Z',
    });
  });

  test('an open case lets privacy staff see the person, and a closed one no longer does', async () => {
    expect((await ask(officer, READ)).user).toBeNull();
    const { id } = await open();
    expect((await ask(officer, READ)).user).toEqual({ name: 'Nia Ko' });
    for (const _ of [1, 2]) expect(await ask(officer, CLOSE, { id })).toEqual({ closePrivacyCase: true });
    expect((await ask(officer, READ)).user).toBeNull();
    expect(await queue()).toEqual([]);
  });

  test('the queue has the next due first, with its message, and marks overdue cases', async () => {
    await open(self, 'First');
    clock.advance(DAY);
    await open(member('u2'), 'Second');
    clock.set('2026-03-31T12:00:00.000Z');
    expect(await queue()).toMatchObject([
      { message: 'First', overdue: true, user: { avatarName: 'Neko' } },
      { message: 'Second', overdue: false, user: { avatarName: 'Ziggy' } },
    ]);
  });

  test.each(['u2', 'child'])('a person whose account is closed can still open a case: %s', async (id) => {
    expect(await open(member(id))).toMatchObject({ status: 'OPEN' });
  });

  test('reading the queue is on the audit log, with the member of staff', async () => {
    await open();
    await queue();
    expect(await auditsOf(await sidOf('u1'))).toMatchObject([
      { role: 'privacy', by: 'privacy-1', categories: expect.arrayContaining(['ACCOUNT']) },
    ]);
  });

  test.each([
    { name: 'a visitor', caller: null },
    { name: 'a member', caller: self },
    { name: 'support staff', caller: staff('support', 'customer-support') },
    { name: 'privacy staff with another purpose', caller: staff('privacy', 'customer-support') },
  ])('$name has no queue', async ({ caller }) => {
    for (const query of [QUEUE, '{ privacyCases { edges { cursor } } }'])
      expect((await world.ask(caller, query)).errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('an empty question and an unknown case are refused by name', async () => {
    expect((await world.ask(self, OPEN, { message: ' ' })).errors[0]?.extensions).toMatchObject({
      argument: 'message',
    });
    expect((await world.ask(officer, CLOSE, { id: 'nothing' })).errors[0]?.extensions).toMatchObject({
      argument: 'id',
    });
  });

  test('the message of a case is not readable in the database', async () => {
    await open(self, 'a very private question');
    await write('Somebody unheard of', 'secret.parent@example.com');
    for (const { name } of await database().listCollections().toArray())
      expect(JSON.stringify(await database().collection(name).find().toArray())).not.toMatch(
        /very private question|eleven|unheard of|secret\.parent/,
      );
  });
});

describe('contact.privacy-officer: nobody takes a person’s right to ask', () => {
  const cases = (count: number, of: object) =>
    Array.from({ length: count }, (_, index) => ({ id: `c${index}`, ...of }));

  test('twenty of their own cases can be open, and one more once one of them is closed', async () => {
    for (let count = 0; count < 20; count++) await open();
    const { errors } = await world.ask(self, OPEN, { message: 'One more' });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'message' });
    expect(await database().collection('privacy_case_texts').countDocuments()).toBe(20);
    const [{ id }] = await queue();
    await ask(officer, CLOSE, { id });
    expect(await open()).toMatchObject({ status: 'OPEN' });
  });

  test.each([
    { name: 'two hundred closed cases', privacyCases: cases(200, { status: 'CLOSED' }) },
    { name: 'two hundred cases of guardians', privacyCases: cases(200, { from: 'GUARDIAN' }) },
    { name: 'two hundred verified cases of guardians', privacyCases: cases(200, { from: 'GUARDIAN', verified: true }) },
  ])('$name leave them theirs', async ({ privacyCases }) => {
    await world.load({ users: [{ id: 'u3', avatarName: 'Full', privacyCases }] });
    expect(await open(member('u3'))).toMatchObject({ status: 'OPEN', kind: 'SUBJECT' });
  });

  test('the record keeps the latest hundred of the closed, and the export every message', async () => {
    const { id } = await open(self, 'The oldest of all');
    await ask(officer, CLOSE, { id });
    const people = database().collection('people');
    const { facts } = (await people.findOne({ publicId: 'u1' })) as unknown as { facts: { privacyCases: object[] } };
    const closed = cases(100, { status: 'CLOSED', from: 'SUBJECT' });
    await people.updateOne(
      { publicId: 'u1' },
      { $set: { 'facts.privacyCases': [...facts.privacyCases, ...closed] } as never },
    );
    await open();
    const { me } = await ask(self, '{ me { privacyCases { id status } } }');
    expect(me.privacyCases).toHaveLength(101);
    expect(me.privacyCases[0]).toEqual({ id: 'c0', status: 'CLOSED' });
    const { requestExport } = await ask(self, 'mutation { requestExport }');
    expect(requestExport.letters).toContainEqual({ case: id, message: 'The oldest of all' });
  });
});

describe('children.guardians: a guardian asks without learning anything', () => {
  test('the answer is the same for a known, a sealed and an unknown child, and all are in the queue', async () => {
    const children = ['Neko', 'Pip', 'Nobody'];
    const answers = await Promise.all(children.map((child) => write(child)));
    expect(answers.map(({ data, errors }) => ({ data, errors }))).toEqual(
      children.map(() => ({ data: { openGuardianCase: true }, errors: [] })),
    );
    const waiting = await queue();
    expect(waiting).toHaveLength(3);
    for (const child of children)
      expect(waiting).toContainEqual({
        ...{ id: expect.any(String), kind: 'GUARDIAN_UNVERIFIED', dueAt: '2026-03-31T12:00:00.000Z', overdue: false },
        ...{ child, message: 'My child is eleven', contact: 'parent@example.com', proof: null, user: null },
      });
  });

  test('the database is asked the same for a known, a sealed and an unknown child, and beyond a limit', async () => {
    const log = createCommandLog(world.store);
    const costOf = async (child: string, contact: string) => {
      log.take();
      await write(child, contact);
      return tallyOf(log.take());
    };
    const same = { 'findAndModify allowances': 2, 'update child_reports': 1 };
    for (const child of ['Neko', 'Pip', 'Nobody']) expect(await costOf(child, `${child}@example.com`)).toEqual(same);
    for (let count = 0; count < 5; count++) await write('Nobody', 'often@example.com');
    expect(await costOf('Nobody', 'often@example.com')).toEqual(same);
    expect((await queue()).filter(({ contact }: { contact: string }) => contact === 'often@example.com')).toHaveLength(
      5,
    );
  });

  test('nothing of it is in the child’s record, their ledger or their export', async () => {
    const before = await database().collection('people').find().toArray();
    await write('Neko');
    expect(await database().collection('people').find().toArray()).toEqual(before);
    expect((await ask(self, '{ me { privacyCases { id } } }')).me.privacyCases).toEqual([]);
    expect(JSON.stringify(await ask(self, 'mutation { requestExport }'))).not.toMatch(/GUARDIAN|eleven/);
  });

  test('an unverified case shows staff nothing of the child, not even that there is one', async () => {
    await write('Neko');
    expect(await ask(officer, READ)).toEqual(await ask(officer, '{ user(id: "nobody") { name } }'));
    expect((await ask(officer, '{ users { edges { node { id } } } }')).users.edges).toEqual([]);
    const EXPLAIN = 'query ($id: ID!) { explain(subject: $id, category: NAME, recipient: "MEMBER") { outcome } }';
    expect(await ask(officer, EXPLAIN, { id: 'u1' })).toEqual({ explain: null });
    const SEAL = 'mutation { sealChild(user: "u1") { deletionDueAt } }';
    expect(await ask(officer, SEAL)).toEqual({ sealChild: null });
  });

  test.each([
    {
      name: 'five from one address, however it is spelled',
      contact: (n: number) => (n % 2 ? 'a@b.example' : 'A@B.example'),
      child: (n: number) => `Child ${n}`,
      kept: 5,
    },
    {
      name: 'ten about one child, however it is spelled',
      contact: (n: number) => `p${n}@b.example`,
      child: (n: number) => (n % 2 ? 'Neko' : ' ＮＥＫＯ '),
      kept: 10,
    },
  ])('$name are kept in a day', async ({ contact, child, kept }) => {
    for (let n = 0; n < 12; n++) expect((await write(child(n), contact(n))).data).toEqual({ openGuardianCase: true });
    expect(await queue()).toHaveLength(kept);
    clock.advance(DAY);
    await write(child(0), contact(0));
    expect(await queue()).toHaveLength(kept + 1);
  });

  test('an address at its limit leaves others their share for the child', async () => {
    for (let count = 0; count < 20; count++) await write('Neko', 'spammer@example.com');
    await write('Neko', 'mother@example.com');
    expect((await queue()).map(({ contact }: { contact: string }) => contact)).toContain('mother@example.com');
  });

  test('one request of 190 aliases leaves five, naming any child', async () => {
    const one = (n: number) =>
      `a${n}: openGuardianCase(child: "Child ${n}", contact: "p${n}@example.com", message: "My child")`;
    const { data, errors } = await world.ask(
      null,
      `mutation { ${Array.from({ length: 190 }, (_, n) => one(n)).join(' ')} }`,
    );
    expect(errors).toEqual([]);
    expect(new Set(Object.values(data))).toEqual(new Set([true]));
    expect(await database().collection('child_reports').countDocuments()).toBe(5);
  });

  test('closing one forgets its message', async () => {
    await write('Neko');
    const [{ id }] = await queue();
    for (const _ of [1, 2]) expect(await ask(officer, CLOSE, { id })).toEqual({ closePrivacyCase: true });
    expect(await queue()).toEqual([]);
    const [report] = await database().collection('child_reports').find().toArray();
    expect(report).toMatchObject({ case: id, status: 'CLOSED' });
    expect(report).not.toHaveProperty('sealed');
  });
});

describe('children.guardians: staff verifies a guardian', () => {
  test('from then on the case opens the record of the child, until it is closed', async () => {
    const id = await verified('Neko');
    expect((await ask(officer, READ)).user).toEqual({ name: 'Nia Ko' });
    expect(await queue()).toMatchObject([
      {
        ...{ id, kind: 'GUARDIAN_VERIFIED', dueAt: '2026-03-31T12:00:00.000Z', child: 'Neko' },
        ...{ message: 'My child is eleven', contact: 'parent@example.com', proof: 'a birth certificate' },
        user: { avatarName: 'Neko', name: 'Nia Ko' },
      },
    ]);
    await ask(officer, CLOSE, { id });
    expect((await ask(officer, READ)).user).toBeNull();
    expect(await queue()).toEqual([]);
  });

  test.each(['neko', 'ＮＥＫＯ', ' Neko '])('other letters of the name find the child: %j', async (child) => {
    await verified(child);
    expect((await ask(officer, READ)).user).toEqual({ name: 'Nia Ko' });
  });

  test('the child is told by mail, in their record and in their ledger', async () => {
    const id = await verified('Neko');
    expect(await world.mails()).toMatchObject([
      { to: 'nia@example.com', kind: 'GUARDIAN_CASE_VERIFIED', data: { case: id } },
    ]);
    const { me } = await ask(self, '{ me { privacyCases { id kind status } } }');
    expect(me.privacyCases).toEqual([{ id, kind: 'GUARDIAN_VERIFIED', status: 'OPEN' }]);
    const { requestExport } = await ask(self, 'mutation { requestExport }');
    expect(requestExport.ledger).toContainEqual(
      expect.objectContaining({ type: 'PRIVACY_CASE', case: id, status: 'VERIFIED', from: 'GUARDIAN' }),
    );
    expect(JSON.stringify(requestExport)).not.toMatch(/eleven|birth certificate|parent@/);
  });

  test('a child with a sealed account gets no mail', async () => {
    await verified('Pip');
    expect(await world.mails()).toEqual([]);
    expect((await ask(officer, '{ user(id: "child") { status } }')).user).toEqual({ status: 'SEALED' });
  });

  test('the audit log names the verifier and the case before the verification is done, and never the proof', async () => {
    const id = await verified('Neko');
    const sid = await sidOf('u1');
    expect(await auditsOf(sid)).toEqual([
      {
        ...{ act: 'GUARDIAN_CASE_VERIFIED', case: id, sids: [sid], role: 'privacy', by: 'privacy-1' },
        ...{ purpose: 'privacy-request', at: START, requestId: expect.any(String), tokenId: expect.any(String) },
      },
    ]);
    for (const { name } of await database().listCollections().toArray())
      expect(JSON.stringify(await database().collection(name).find().toArray())).not.toContain('birth certificate');
  });

  test('the answer is the same about nobody, and the case waits on as a verified one', async () => {
    const id = await verified('Nobody');
    expect(await queue()).toMatchObject([{ id, kind: 'GUARDIAN_VERIFIED', proof: 'a birth certificate', user: null }]);
    expect(await audits()).toContainEqual(
      expect.objectContaining({ act: 'GUARDIAN_CASE_VERIFIED', case: id, sids: [] }),
    );
    await ask(officer, CLOSE, { id });
    expect(await queue()).toEqual([]);
  });

  test('verifying again changes nothing, and finds a child registered since', async () => {
    const id = await verified('Neko');
    expect((await verify(id)).data).toEqual({ verifyGuardianCase: true });
    expect((await ask(self, '{ me { privacyCases { id } } }')).me.privacyCases).toEqual([{ id }]);
    const late = await verified('Late');
    await world.load({ users: [{ id: 'late', avatarName: 'Late' }] });
    await verify(late);
    expect((await ask(member('late'), '{ me { privacyCases { id } } }')).me.privacyCases).toEqual([{ id: late }]);
    expect(await queue()).toHaveLength(2);
  });

  test('a verification that was cut off after the record was written is finished by the next', async () => {
    await write('Neko');
    const [{ id }] = await queue();
    const row = await database().collection('child_reports').findOne({ case: id });
    await verify(id);
    await database().collection('privacy_case_texts').deleteMany({});
    await database()
      .collection('child_reports')
      .insertOne(row as never);
    await verify(id);
    expect(await queue()).toMatchObject([{ id, message: 'My child is eleven', user: { avatarName: 'Neko' } }]);
    expect(await database().collection('child_reports').countDocuments()).toBe(0);
  });

  test('no more than twenty cases of guardians are open in one record', async () => {
    const privacyCases = Array.from({ length: 20 }, (_, n) => ({ id: `g${n}`, from: 'GUARDIAN', verified: true }));
    await world.load({ users: [{ id: 'u3', avatarName: 'Full', privacyCases }] });
    await write('Full');
    const { id } = (await queue()).find(({ kind }: { kind: string }) => kind === 'GUARDIAN_UNVERIFIED');
    expect((await verify(id)).errors[0]?.extensions).toMatchObject({ code: 'CONFLICT' });
    await ask(officer, CLOSE, { id: 'g0' });
    expect((await verify(id)).errors).toEqual([]);
  });

  test('messages of a guardian go with the child', async () => {
    await verified('Neko');
    expect(await database().collection('privacy_case_texts').countDocuments()).toBe(1);
    const { requestErasure } = await ask(self, 'mutation { requestErasure { confirmation } }');
    await ask(
      self,
      'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }',
      requestErasure,
    );
    expect(await database().collection('privacy_case_texts').countDocuments()).toBe(0);
    expect(await queue()).toEqual([]);
  });

  test.each([
    { name: 'a visitor', caller: null },
    { name: 'the child', caller: self },
    { name: 'support staff', caller: staff('support', 'customer-support') },
    { name: 'legal staff', caller: staff('legal', 'legal-process') },
    { name: 'privacy staff with another purpose', caller: staff('privacy', 'customer-support') },
  ])('$name verifies nothing', async ({ caller }) => {
    await write('Neko');
    const [{ id }] = await queue();
    const { errors } = await world.ask(caller, VERIFY, { id, proof: 'mine' });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    expect(await queue()).toMatchObject([{ kind: 'GUARDIAN_UNVERIFIED' }]);
  });

  test.each([
    { name: 'no proof', argument: 'proof', id: async () => 'x', proof: ' ' },
    { name: 'an unknown case', argument: 'id', id: async () => 'x', proof: 'a letter' },
    { name: 'a person’s own case', argument: 'id', id: async () => (await open()).id, proof: 'a letter' },
    {
      name: 'a closed case',
      argument: 'id',
      id: async () => {
        await write('Neko');
        const [{ id }] = await queue();
        await ask(officer, CLOSE, { id });
        return id;
      },
      proof: 'a letter',
    },
  ])('$name is refused by name', async ({ argument, id, proof }) => {
    expect((await verify(await id(), proof)).errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument });
  });
});

describe('children.guardians: a world file states cases of guardians', () => {
  const load = (filed: object) =>
    world.load({ users: [{ id: 'u1', avatarName: 'Neko', privacyCases: [{ id: 'g', from: 'GUARDIAN', ...filed }] }] });

  test('an unverified one waits apart and opens nothing; loaded again as verified it opens the record', async () => {
    for (const _ of [1, 2]) await load({});
    expect(await queue()).toMatchObject([
      { id: 'g', kind: 'GUARDIAN_UNVERIFIED', child: 'Neko', message: null, user: null, overdue: false },
    ]);
    expect((await ask(officer, READ)).user).toBeNull();
    for (const _ of [1, 2]) await load({ verified: true });
    expect(await queue()).toMatchObject([{ id: 'g', kind: 'GUARDIAN_VERIFIED', user: { avatarName: 'Neko' } }]);
    expect((await ask(officer, READ)).user).toEqual({ name: 'Nia Ko' });
  });

  test('one that staff verified stays verified when the file is loaded again', async () => {
    await load({});
    await verify('g');
    await load({});
    expect(await queue()).toMatchObject([{ id: 'g', kind: 'GUARDIAN_VERIFIED', proof: 'a birth certificate' }]);
  });

  test('several people may have cases of the same id', async () => {
    const of = (id: string) => ({ id, avatarName: id, privacyCases: [{ id: 'g', from: 'GUARDIAN' }] });
    await world.load({ users: [of('a'), of('b')] });
    expect((await queue()).map(({ child }: { child: string }) => child).sort()).toEqual(['a', 'b']);
  });

  test('each of several cases of the same id can be closed', async () => {
    const of = (id: string, filed: object) => ({ id, avatarName: id, privacyCases: [{ id: 'same', ...filed }] });
    const guardian = { from: 'GUARDIAN' };
    await world.load({ users: [of('a', {}), of('b', {}), of('c', guardian), of('d', guardian)] });
    for (let left = 4; left > 0; left--) {
      expect(await queue()).toHaveLength(left);
      expect(await ask(officer, CLOSE, { id: 'same' })).toEqual({ closePrivacyCase: true });
    }
    expect(await queue()).toEqual([]);
    expect(await ask(officer, CLOSE, { id: 'same' })).toEqual({ closePrivacyCase: true });
  });

  test('a closed one waits for nobody', async () => {
    await load({ status: 'CLOSED' });
    expect(await queue()).toEqual([]);
  });
});

describe('contact.privacy-officer: the queue in pages', () => {
  const PAGE = `query ($first: Int, $after: String, $kinds: [PrivacyCaseKind!]) {
    privacyCases(first: $first, after: $after, kinds: $kinds) {
      edges { cursor node { id kind overdue user { id } } } pageInfo { hasNextPage startCursor endCursor }
    }
  }`;
  const page = async (variables: object = {}) => (await ask(officer, PAGE, variables)).privacyCases;
  const walk = async (variables: object = {}) => {
    const found: { id: string; kind: string }[] = [];
    for (let after: string | null = null; ; ) {
      const { edges, pageInfo } = await page({ first: 7, ...variables, after });
      found.push(...edges.map(({ node }: { node: { id: string; kind: string } }) => node));
      if (!pageInfo.hasNextPage) return found;
      after = pageInfo.endCursor;
    }
  };

  /** 30 people with a case, a third of them by verified guardians; 150 unverified cases more; 3 findings. */
  const fill = async () => {
    const owners = Array.from({ length: 30 }, (_, n) => ({
      ...{ id: `p${n}`, avatarName: `P ${n}` },
      privacyCases: [n % 3 === 0 ? { id: 'case', from: 'GUARDIAN', verified: true } : { id: 'case' }],
    }));
    const spammed = Array.from({ length: 15 }, (_, n) => ({
      ...{ id: `s${n}`, avatarName: `S ${n}` },
      privacyCases: Array.from({ length: 10 }, (_case, index) => ({ id: `spam-${n}-${index}`, from: 'GUARDIAN' })),
    }));
    await world.load({ users: [...owners, ...spammed] });
    for (let n = 0; n < 3; n++)
      await ask(officer, 'mutation ($user: ID!) { recordChildFinding(user: $user, seen: "I am ten") }', {
        user: `f${n}`,
      });
  };

  test('every case stands in it once, and unverified ones behind all the others', async () => {
    await fill();
    const all = await walk();
    expect(all).toHaveLength(183);
    const kinds = all.map(({ kind }) => kind);
    expect(kinds.slice(0, 33).filter((kind) => kind === 'GUARDIAN_UNVERIFIED')).toEqual([]);
    expect(new Set(kinds.slice(33))).toEqual(new Set(['GUARDIAN_UNVERIFIED']));
    expect(new Set(all.slice(33).map(({ id }) => id)).size).toBe(150);
    expect(new Set(all.slice(0, 33).map((node) => JSON.stringify(node))).size).toBe(33);
    // a later case of a person still comes before the unverified ones
    const { id } = await open();
    expect((await page({ first: 34 })).edges.map(({ node }: { node: { id: string } }) => node.id)).toContain(id);
    expect((await queue()).map((waiting: { id: string }) => waiting.id)).toContain(id);
  });

  test.each([
    { kinds: ['SUBJECT'], count: 20 },
    { kinds: ['GUARDIAN_VERIFIED'], count: 10 },
    { kinds: ['GUARDIAN_UNVERIFIED'], count: 150 },
    { kinds: ['FINDING'], count: 3 },
    { kinds: ['SUBJECT', 'FINDING'], count: 23 },
    { kinds: [], count: 0 },
  ])('of the kinds $kinds there are $count', async ({ kinds, count }) => {
    await fill();
    const found = await walk({ kinds });
    expect(found).toHaveLength(count);
    expect([...new Set(found.map(({ kind }) => kind))].sort()).toEqual([...kinds].sort());
  });

  test('within a rank the next due is first, and a case without a due date is last', async () => {
    await world.load({ users: [{ id: 'u3', avatarName: 'Undated', privacyCases: [{ id: 'undated' }] }] });
    clock.advance(2 * DAY);
    const { id: late } = await open(member('u2'));
    clock.advance(-DAY);
    const { id: soon } = await open();
    await write('Nobody');
    const [spam] = (await queue()).filter(({ kind }: { kind: string }) => kind === 'GUARDIAN_UNVERIFIED');
    const nodes = await walk({ first: 1 });
    expect(nodes.map(({ id }) => id)).toEqual([soon, late, 'undated', spam.id]);
  });

  test('a page costs the same commands however long it is', async () => {
    await fill();
    const log = createCommandLog(world.store);
    const costOf = async (first: number) => {
      log.take();
      const { edges } = await page({ first, kinds: ['SUBJECT', 'GUARDIAN_UNVERIFIED'] });
      expect(edges).toHaveLength(first);
      return tallyOf(log.take());
    };
    const few = await costOf(2);
    expect(few).toEqual({
      ...{ 'find revoked_tokens': 1, 'aggregate people': 1, 'find child_reports': 1, 'find privacy_case_texts': 1 },
      ...{ 'find people': 1, 'find person_keys': 2, 'insert audit_books': 1 },
    });
    expect(await costOf(100)).toEqual(few);
  });

  test('a cursor is sealed, and no other text is one', async () => {
    await open();
    const [{ cursor }] = (await page()).edges;
    expect((await page({ after: cursor })).edges).toEqual([]);
    for (const after of ['', 'nothing', `${cursor}A`, cursor.slice(0, -2)]) {
      const { errors } = await world.ask(officer, PAGE, { after });
      expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'after' });
    }
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/\d{10}/);
  });

  test('an empty page has no cursors, and too long a one is refused', async () => {
    expect(await page()).toEqual({ edges: [], pageInfo: { hasNextPage: false, startCursor: null, endCursor: null } });
    const { errors } = await world.ask(officer, PAGE, { first: 101 });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'first' });
  });

  test('a case of a person who accepted a version unknown to this gateway says nothing', async () => {
    const { id } = await open(self, 'Between us');
    await database()
      .collection('people')
      .updateOne({ publicId: 'u1' }, { $set: { 'facts.acceptedVersion': 'of-another-gateway' } });
    expect(await queue()).toMatchObject([{ id, user: null, message: null }]);
  });
});
