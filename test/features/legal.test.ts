import { afterEach, describe, expect, test } from 'vitest';
import { createClock, DAY } from '../support/clock.ts';
import { clauseOf, draftOfReference, parsePolicy } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const NOW = '2026-03-01T12:00:00.000Z';
const legal = staff('legal', 'legal-process');
const USER = {
  id: 'u1',
  avatarName: 'Neko',
  name: 'Nia Ko',
  email: 'neko@example.com',
  gender: 'female',
  country: 'US',
};

let world: TestWorld;
const open = async () => {
  world = await createWorld({ users: [USER] }, { clock: createClock(NOW) });
  return world.clock as ReturnType<typeof createClock>;
};
afterEach(() => world.close());

const OPEN = 'mutation ($input: LegalProcessInput!) { openLegalProcess(input: $input) }';
const process = {
  kind: 'COURT_ORDER',
  authority: 'Court of Larkmoor',
  reference: 'LM-17',
  subject: 'u1',
  categories: ['EMAIL'],
  until: '2100-01-01T00:00:00Z',
};
const openProcess = async (input: object = process) => {
  const answer = await world.ask(legal, OPEN, { input });
  expect(answer.errors).toEqual([]);
  return answer.data.openLegalProcess as string;
};
const READ = '{ user(id: "u1") { name email } }';
const SHARES = '{ me { thirdPartyShares { authority categories purpose recipient { clientId } clauses { key } } } }';

describe('sharing.legal-process: only people and data named by a process in force are read', () => {
  test('without a process the person does not exist for legal staff', async () => {
    await open();
    expect((await world.ask(legal, READ)).data).toEqual({ user: null });
  });

  test('an open process reveals the categories it names and no other, and is recorded as a disclosure to the authority', async () => {
    await open();
    await openProcess();
    const { data, errors } = await world.ask(legal, READ);
    expect(data.user).toEqual({ name: null, email: 'neko@example.com' });
    expect(errors.map(({ extensions }) => extensions)).toEqual([
      { code: 'FORBIDDEN', category: 'NAME', reason: 'NOT_PERMITTED' },
    ]);
    const { data: self } = await world.ask(member('u1'), SHARES);
    expect(self.me.thirdPartyShares).toEqual([
      {
        authority: 'Court of Larkmoor',
        categories: ['EMAIL'],
        purpose: 'legal-process',
        recipient: null,
        clauses: [{ key: 'sharing.legal-process' }],
      },
    ]);
  });

  test('a process reveals from its first instant until just before its last', async () => {
    const clock = await open();
    const from = new Date(clock.now().getTime() + DAY);
    const until = new Date(from.getTime() + DAY);
    await openProcess({ ...process, from: from.toISOString(), until: until.toISOString() });
    const exists = async (at: number) => {
      clock.set(new Date(at));
      return (await world.ask(legal, READ)).data.user !== null;
    };
    expect(await exists(from.getTime() - 1)).toBe(false);
    expect(await exists(from.getTime())).toBe(true);
    expect(await exists(until.getTime() - 1)).toBe(true);
    expect(await exists(until.getTime())).toBe(false);
  });

  test('an ended process reveals nothing on the very next read, and ending it twice is no error', async () => {
    await open();
    const id = await openProcess();
    for (const _ of [1, 2])
      expect(
        (await world.ask(legal, 'mutation ($id: ID!) { endLegalProcess(id: $id) }', { id })).data.endLegalProcess,
      ).toBe(true);
    expect((await world.ask(legal, READ)).data).toEqual({ user: null });
  });

  test('the person learns of it from the day the process allows, and not before', async () => {
    const clock = await open();
    const notBefore = new Date(clock.now().getTime() + 10 * DAY);
    await openProcess({ ...process, notBefore: notBefore.toISOString() });
    await world.ask(legal, READ);
    const shares = async () => (await world.ask(member('u1'), SHARES)).data.me.thirdPartyShares.length;
    clock.set(new Date(notBefore.getTime() - 1));
    expect(await shares()).toBe(0);
    clock.set(notBefore);
    expect(await shares()).toBe(1);
  });

  test('no reasoning tells of a process before its day either', async () => {
    const clock = await open();
    const notBefore = new Date(clock.now().getTime() + 10 * DAY);
    await openProcess({ ...process, notBefore: notBefore.toISOString() });
    const reasoning = async () =>
      (
        await world.ask(
          member('u1'),
          '{ explain(subject: "u1", category: EMAIL, recipient: "STAFF_LEGAL", purpose: "legal-process") { outcome } }',
        )
      ).data.explain.outcome;
    expect(await reasoning()).toBe('DENY');
    clock.set(notBefore);
    expect(await reasoning()).toBe('REVEAL');
  });

  test('the answer does not tell whether the subject is anybody', async () => {
    await open();
    const answers = [await openProcess(), await openProcess({ ...process, subject: 'nobody' })];
    for (const id of answers) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    { name: 'no category at all', input: { ...process, categories: [] }, argument: 'input.categories' },
    {
      name: 'an end before its beginning',
      input: { ...process, until: '2020-01-01T00:00:00Z' },
      argument: 'input.until',
    },
    ...['PROCESSOR_TOKEN', 'CORRECTED_VALUE'].map((category) => ({
      name: `${category}, which no process shows`,
      input: { ...process, categories: ['EMAIL', category] },
      argument: 'input.categories',
    })),
    { name: 'no authority', input: { ...process, authority: ' ' }, argument: 'input.authority' },
    { name: 'a reference without end', input: { ...process, reference: 'x'.repeat(201) }, argument: 'input.reference' },
  ])('a process with $name is refused by name', async ({ input, argument }) => {
    await open();
    const { errors } = await world.ask(legal, OPEN, { input });
    expect(errors.map(({ extensions }) => extensions)).toMatchObject([{ code: 'BAD_INPUT', argument }]);
  });

  test.each([
    { name: 'a visitor', caller: null },
    { name: 'a member', caller: member('u1') },
    { name: 'support staff', caller: staff('support', 'customer-support') },
    { name: 'legal staff with another purpose', caller: staff('legal', 'customer-support') },
  ])('$name can not open a process', async ({ caller }) => {
    await open();
    const { data, errors } = await world.ask(caller, OPEN, { input: process });
    expect(data).toBeNull();
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('sharing.suspicious-activity: a report is a disclosure to the authority, and answers with an id alone', () => {
  const REPORT =
    'mutation ($process: ID!, $categories: [DataCategory!]!) { reportActivity(process: $process, categories: $categories) }';

  test('a report under a process in force is on the person’s record', async () => {
    await open();
    const id = await openProcess();
    const { data, errors } = await world.ask(legal, REPORT, { process: id, categories: ['EMAIL'] });
    expect(errors).toEqual([]);
    expect(data.reportActivity).toMatch(/^[0-9a-f-]{36}$/);
    const { data: self } = await world.ask(member('u1'), SHARES);
    expect(self.me.thirdPartyShares).toMatchObject([
      { authority: 'Court of Larkmoor', categories: ['EMAIL'], clauses: [{ key: 'sharing.suspicious-activity' }] },
    ]);
  });

  test.each([
    { name: 'categories that the process does not name', categories: ['NAME'], argument: 'categories' },
    { name: 'no categories', categories: [], argument: 'categories' },
    { name: 'a category that the policy never lets out', categories: ['PROCESSOR_TOKEN'], argument: 'categories' },
  ])('a report of $name is refused', async ({ categories, argument }) => {
    await open();
    const id = await openProcess();
    const { errors } = await world.ask(legal, REPORT, { process: id, categories });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument });
  });

  test('without the clause nothing can be reported', async () => {
    const draft = draftOfReference();
    draft.clauses = draft.clauses.filter(({ id }) => id !== 'sharing.suspicious-activity');
    const policy = parsePolicy(JSON.stringify(draft), 'no reports');
    world = await createWorld({ users: [USER] }, { clock: createClock(NOW), policy });
    const { errors } = await world.ask(legal, REPORT, { process: await openProcess(), categories: ['EMAIL'] });
    expect(errors[0]?.extensions).toEqual({ code: 'FORBIDDEN', reason: 'NO_CLAUSE' });
  });

  test('a report needs a process in force', async () => {
    const clock = await open();
    const id = await openProcess({ ...process, until: new Date(clock.now().getTime() + DAY).toISOString() });
    clock.advance(DAY);
    const { errors } = await world.ask(legal, REPORT, { process: id, categories: ['EMAIL'] });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'process' });
  });
});

describe('sharing.successor: nothing passes before the notice has run', () => {
  const HOURS = 3_600_000;
  const newco = partner('newco', 'succession', 'name email');
  const openWithSuccessor = async () => {
    const clock = createClock(NOW);
    world = await createWorld(
      {
        users: [USER],
        partners: [
          {
            clientId: 'newco',
            name: 'NewCo',
            kind: 'SUCCESSOR',
            jurisdiction: 'US',
            contract: { purposes: ['succession'] },
          },
          { clientId: 'offers', name: 'Offers', kind: 'OFFERS', jurisdiction: 'US' },
        ],
      },
      { clock },
    );
    return clock;
  };
  const ANNOUNCE = 'mutation ($partner: ID!) { announceSuccession(partner: $partner) { announcedAt effectiveAt } }';

  test('a notice is public from its announcement, and the successor sees people once 30 full days have run', async () => {
    const clock = await openWithSuccessor();
    const { data } = await world.ask(legal, ANNOUNCE, { partner: 'newco' });
    expect(data.announceSuccession).toEqual({ announcedAt: NOW, effectiveAt: '2026-03-31T12:00:00.000Z' });
    const notices = await world.ask(null, '{ notices { partner { clientId } announcedAt } }');
    expect(notices.data.notices).toEqual([{ partner: { clientId: 'newco' }, announcedAt: NOW }]);
    const announced = clock.now().getTime();
    const seen = async (elapsed: number) => {
      clock.set(new Date(announced + elapsed));
      return (await world.ask(newco, '{ users { edges { node { name } } } }')).data.users.edges.length;
    };
    expect(await seen(0)).toBe(0);
    expect(await seen(29 * DAY + 23 * HOURS + 59 * 60_000)).toBe(0);
    expect(await seen(30 * DAY - 1)).toBe(0);
    expect(await seen(30 * DAY)).toBe(1);
    expect(await seen(30 * DAY + 60_000)).toBe(1);
  });

  test('announcing again does not move the notice', async () => {
    const clock = await openWithSuccessor();
    await world.ask(legal, ANNOUNCE, { partner: 'newco' });
    clock.advance(DAY);
    expect((await world.ask(legal, ANNOUNCE, { partner: 'newco' })).data.announceSuccession.announcedAt).toBe(NOW);
  });

  test('only a successor can be announced, and only by legal staff', async () => {
    await openWithSuccessor();
    expect((await world.ask(legal, ANNOUNCE, { partner: 'offers' })).errors[0]?.extensions).toMatchObject({
      code: 'BAD_INPUT',
      argument: 'partner',
    });
    expect((await world.ask(member('u1'), ANNOUNCE, { partner: 'newco' })).errors[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

describe('where court orders alone let categories be read', () => {
  const ordered = () => {
    const draft = draftOfReference();
    draft.version = 'court-orders';
    draft.processKinds = [
      { id: 'COURT_ORDER', says: 'An order of a court.' },
      { id: 'CORONER', says: 'An inquest into a death.' },
    ];
    for (const reveal of clauseOf(draft, 'sharing.legal-process').reveals ?? [])
      reveal.when = { process: { kind: ['COURT_ORDER'] } };
    return parsePolicy(JSON.stringify(draft), 'ordered.json');
  };
  const openOrdered = async () => {
    world = await createWorld({ users: [USER] }, { clock: createClock(NOW), policy: ordered() });
  };
  const inquest = { ...process, kind: 'CORONER', authority: 'Coroner of Larkmoor', categories: ['EMAIL', 'NAME'] };

  test('a process of another kind lets nobody be seen, in a list or by id', async () => {
    await openOrdered();
    await openProcess(inquest);
    const { data } = await world.ask(legal, `{ users { edges { node { id } } } user(id: "u1") { id } }`);
    expect(data).toEqual({ user: null, users: { edges: [] } });
  });

  test('beside a court order it widens nothing, and its authority is told nothing', async () => {
    await openOrdered();
    await openProcess(inquest);
    await openProcess();
    const { data } = await world.ask(legal, '{ users { edges { node { name email } } } }');
    expect(data.users.edges).toEqual([{ node: { name: null, email: 'neko@example.com' } }]);
    const { data: self } = await world.ask(member('u1'), SHARES);
    expect(self.me.thirdPartyShares).toMatchObject([{ authority: 'Court of Larkmoor', categories: ['EMAIL'] }]);
  });

  test('a process has one of the kinds of the policy', async () => {
    await openOrdered();
    const { errors } = await world.ask(legal, OPEN, { input: { ...process, kind: 'SUBPOENA' } });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_INPUT' } }]);
  });
});
