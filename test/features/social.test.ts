import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actsOf } from '../support/acts.ts';
import { noteCommands } from '../support/commands.ts';
import { draftOfReference, parsePolicy } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const self = member('u1');
const site = (clientId: string, rest: object = {}) => ({
  clientId,
  name: clientId,
  kind: 'SOCIAL',
  jurisdiction: 'US',
  contract: { purposes: ['activity-posting'] },
  ...rest,
});
const PARTNERS = [
  site('facelink'),
  site('chirper'),
  site('halted', { status: 'SUSPENDED' }),
  {
    clientId: 'adhive',
    name: 'Adhive',
    kind: 'ADVERTISER',
    jurisdiction: 'US',
    contract: { purposes: ['advertising'] },
  },
];

let world: TestWorld;
let count = 0;
let id = 'u1';
beforeAll(async () => {
  world = await createWorld({ partners: PARTNERS });
});
beforeEach(async () => {
  count += 1;
  id = `u${count}`;
  await world.load({
    users: [{ id, avatarName: id, country: 'US', recentActivity: [{ kind: 'ROOM', text: `by ${id}` }] }],
  });
});
afterAll(() => world.close());

const LINKS = '{ socialLinks { partner { clientId } autoPost takenIn } }';
const ask = (mutation: string, variables: object = {}, caller: object | null = member(id)) =>
  world.ask(caller as typeof self, mutation, variables as Record<string, unknown>);
const connect = (clientId: string, takenIn: readonly string[] = [], caller?: object | null) =>
  ask(
    `mutation ($partner: ID!, $takenIn: [DataCategory!]!) { connectSocial(partner: $partner, takenIn: $takenIn) ${LINKS} }`,
    { partner: clientId, takenIn },
    caller,
  );
const setAutoPost = (clientId: string, on: boolean, caller?: object | null) =>
  ask(
    `mutation ($partner: ID!, $on: Boolean!) { setAutoPost(partner: $partner, on: $on) ${LINKS} }`,
    { partner: clientId, on },
    caller,
  );
const disconnect = (clientId: string, caller?: object | null) =>
  ask(`mutation ($partner: ID!) { disconnectSocial(partner: $partner) ${LINKS} }`, { partner: clientId }, caller);
const post = (text: string, caller?: object | null) =>
  ask(
    'mutation ($text: String!) { postActivity(kind: "ROOM", text: $text) { recentActivity { kind text } } }',
    { text },
    caller,
  );
const NETWORK = (clientId = 'facelink') => partner(clientId, 'activity-posting', 'activity');
const seenBy = async (clientId = 'facelink') => {
  const { data } = await world.ask(NETWORK(clientId), '{ users { edges { node { recentActivity { text } } } } }');
  return data.users.edges.flatMap(({ node }: { node: { recentActivity: { text: string }[] } }) =>
    node.recentActivity.map(({ text }) => text),
  );
};
const links = async () => (await world.ask(member(id), `{ me ${LINKS} }`)).data.me.socialLinks;
const acts = async () =>
  (await actsOf(world.store, id)).filter(({ type }) => type.startsWith('SOCIAL') || type === 'AUTO_POST');
const refusals = ({ errors }: Awaited<ReturnType<typeof ask>>) =>
  errors.map(({ extensions: { code, argument, reason } }) => [code, argument ?? reason]);

describe('social.connect: linking is an act of consent, with the categories taken in', () => {
  test('a link lists the categories taken in, each once, and posts as the policy’s default says', async () => {
    const { data, errors } = await connect('facelink', ['EMAIL', 'NAME', 'EMAIL']);
    expect(errors).toEqual([]);
    const link = { partner: { clientId: 'facelink' }, autoPost: true, takenIn: ['NAME', 'EMAIL'] };
    expect(data.connectSocial.socialLinks).toEqual([link]);
    expect(await links()).toEqual([link]);
  });

  test('the consent is on the ledger with the version of the policy it was given under', async () => {
    await connect('facelink', ['GENDER']);
    expect(await acts()).toMatchObject([
      {
        type: 'SOCIAL_CONNECTION',
        partner: 'facelink',
        takenIn: ['GENDER'],
        autoPost: true,
        policyVersion: world.table.current.version,
        expression: 'EXPRESS',
      },
    ]);
  });

  test('nothing goes out to a site before the link', async () => {
    expect(await seenBy()).not.toContain(`by ${id}`);
    await connect('facelink');
    expect(await seenBy()).toContain(`by ${id}`);
    expect(await seenBy('chirper')).not.toContain(`by ${id}`);
  });

  test('linking again changes the categories taken in, and nothing about the posting', async () => {
    await connect('facelink', ['NAME']);
    await setAutoPost('facelink', false);
    await connect('facelink', ['NAME']);
    await connect('facelink', ['NAME', 'GENDER']);
    expect(await links()).toEqual([
      { partner: { clientId: 'facelink' }, autoPost: false, takenIn: ['NAME', 'GENDER'] },
    ]);
    expect((await acts()).map(({ type }) => type)).toEqual(['SOCIAL_CONNECTION', 'AUTO_POST', 'SOCIAL_CONNECTION']);
  });

  test.each(['nobody', 'adhive', 'halted'])('%s is no site to link with', async (clientId) => {
    expect(refusals(await connect(clientId))).toEqual([['BAD_INPUT', 'partner']]);
    expect(await links()).toEqual([]);
  });

  test.each([
    { who: 'a visitor', caller: null },
    { who: 'the site', caller: NETWORK() },
    { who: 'staff', caller: staff('support', 'customer-support') },
  ])('$who links, switches, posts and ends nothing', async ({ caller }) => {
    const attempts = [
      connect('facelink', [], caller),
      setAutoPost('facelink', true, caller),
      disconnect('facelink', caller),
      post('hello', caller),
    ];
    for (const attempt of attempts) expect(refusals(await attempt)).toEqual([['FORBIDDEN', 'NOT_PERMITTED']]);
  });
});

describe('social.connect: an account is opened from one elsewhere', () => {
  const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { user ${LINKS} } }`;
  const register = (newId: string, from: object) =>
    ask(REGISTER, { input: { name: 'New', email: `${newId}@example.com`, avatarName: newId, from } }, member(newId));

  test('it is linked from the start, with the consent on the ledger and the posting as the policy’s default says', async () => {
    const newId = `${id}-new`;
    const { data, errors } = await register(newId, { partner: 'facelink', takenIn: ['EMAIL', 'NAME', 'NAME'] });
    expect(errors).toEqual([]);
    const link = { partner: { clientId: 'facelink' }, autoPost: true, takenIn: ['NAME', 'EMAIL'] };
    expect(data.register.user.socialLinks).toEqual([link]);
    expect((await actsOf(world.store, newId)).find(({ type }) => type === 'SOCIAL_CONNECTION')).toMatchObject({
      partner: 'facelink',
      takenIn: ['NAME', 'EMAIL'],
      policyVersion: world.table.current.version,
      expression: 'EXPRESS',
    });
    await post(`by ${newId}`, member(newId));
    expect(await seenBy()).toContain(`by ${newId}`);
    expect(await seenBy('chirper')).not.toContain(`by ${newId}`);
  });

  test.each(['nobody', 'adhive', 'halted'])('not from %s, and then nothing of it is kept', async (clientId) => {
    const newId = `${id}-${clientId}`;
    expect(refusals(await register(newId, { partner: clientId, takenIn: [] }))).toEqual([
      ['BAD_INPUT', 'input.from.partner'],
    ]);
    expect((await register(newId, { partner: 'facelink', takenIn: [] })).errors).toEqual([]);
  });
});

describe('social.connect: the default of posting is the policy’s', () => {
  test('a policy with the default off posts nothing until it is switched on', async () => {
    const draft = draftOfReference();
    draft.defaults.autoPost = false;
    const other = await createWorld(
      {
        users: [{ id: 'u1', avatarName: 'Neko', country: 'US', recentActivity: [{ text: 'danced' }] }],
        partners: PARTNERS,
      },
      { policy: parsePolicy(JSON.stringify(draft), 'posting off') },
    );
    try {
      const { data } = await other.ask(self, `mutation { connectSocial(partner: "facelink", takenIn: []) ${LINKS} }`);
      expect(data.connectSocial.socialLinks).toMatchObject([{ autoPost: false }]);
      const read = async () =>
        (await other.ask(NETWORK(), '{ users { edges { node { id } } } }')).data.users.edges.length;
      expect(await read()).toBe(0);
      await other.ask(self, 'mutation { setAutoPost(partner: "facelink", on: true) { id } }');
      expect(await read()).toBe(1);
    } finally {
      await other.close();
    }
  });
});

describe('social.activity: a linked site is shown recent activity while the person lets it be posted', () => {
  test('new activity is shown on the next read, the newest first, and only to a site with posting on', async () => {
    await connect('facelink');
    expect((await post(`new by ${id}`)).errors).toEqual([]);
    expect((await seenBy()).filter((text: string) => text.endsWith(`by ${id}`))).toEqual([`new by ${id}`, `by ${id}`]);
    await setAutoPost('facelink', false);
    expect((await seenBy()).filter((text: string) => text.endsWith(`by ${id}`))).toEqual([]);
    await setAutoPost('facelink', true);
    expect(await seenBy()).toContain(`new by ${id}`);
  });

  test('of a long activity the newest fifty are kept', async () => {
    const steps = Array.from({ length: 49 }, (_, index) => ({ kind: 'ROOM', text: `step ${49 - index}` }));
    const busy = `${id}-busy`;
    await world.load({ users: [{ id: busy, avatarName: busy, recentActivity: steps }] });
    for (const n of [50, 51]) await post(`step ${n}`, member(busy));
    const { data } = await world.ask(member(busy), '{ me { recentActivity { text } } }');
    const texts = data.me.recentActivity.map(({ text }: { text: string }) => text);
    expect(texts).toHaveLength(50);
    expect([texts[0], texts[49]]).toEqual(['step 51', 'step 2']);
  });

  test('activity lies sealed in the database', async () => {
    await post('whispered nothings');
    const database = world.store.connection.getClient().db(world.store.connection.name);
    const person = await database.collection('people').findOne({ publicId: id });
    expect(JSON.stringify(person)).not.toContain('whispered');
    expect(person?.values.ACTIVITY).toEqual(expect.any(String));
  });

  test.each([
    { name: 'no kind', kind: ' ', text: 'x', argument: 'kind' },
    { name: 'a kind that is no word', kind: 'x'.repeat(33), text: 'x', argument: 'kind' },
    { name: 'no text', kind: 'ROOM', text: '', argument: 'text' },
    { name: 'a text without end', kind: 'ROOM', text: 'x'.repeat(10_001), argument: 'text' },
  ])('activity with $name is refused by name', async ({ kind, text, argument }) => {
    const answer = await ask(
      'mutation ($kind: String!, $text: String!) { postActivity(kind: $kind, text: $text) { id } }',
      { kind, text },
    );
    expect(refusals(answer)).toEqual([['BAD_INPUT', argument]]);
  });

  test('posting can’t be switched for a site that is not linked', async () => {
    expect(refusals(await setAutoPost('chirper', true))).toEqual([['BAD_INPUT', 'partner']]);
  });
});

describe('social.disconnect: the link ends at once, from either side', () => {
  const REPORT = 'mutation ($user: ID!) { reportDisconnect(user: $user) }';
  const idFor = async (clientId: string) =>
    (await world.ask(member(id), `{ me { partnerId(clientId: "${clientId}") } }`)).data.me.partnerId as string;
  const report = (user: string, caller: object | null = NETWORK()) => ask(REPORT, { user }, caller);

  test('by the person: the very next read shows nothing, and ending it twice is no error', async () => {
    await connect('facelink');
    expect(await seenBy()).toContain(`by ${id}`);
    for (const _ of [1, 2]) expect((await disconnect('facelink')).data.disconnectSocial.socialLinks).toEqual([]);
    expect(await seenBy()).not.toContain(`by ${id}`);
    expect(await acts()).toMatchObject([{}, { type: 'SOCIAL_DISCONNECTION', partner: 'facelink', by: 'PERSON' }]);
  });

  test('by notice of the site: the very next read shows nothing, and other links stay', async () => {
    await connect('facelink');
    await connect('chirper');
    expect((await report(await idFor('facelink'))).data).toEqual({ reportDisconnect: true });
    expect(await seenBy()).not.toContain(`by ${id}`);
    expect(await links()).toMatchObject([{ partner: { clientId: 'chirper' } }]);
    expect((await acts()).at(-1)).toMatchObject({ type: 'SOCIAL_DISCONNECTION', partner: 'facelink', by: 'PARTNER' });
  });

  test('a site ends no link but its own', async () => {
    await connect('facelink');
    await report(await idFor('chirper'), NETWORK('chirper'));
    await report(await idFor('facelink'), NETWORK('chirper'));
    await report(id);
    expect(await links()).toMatchObject([{ partner: { clientId: 'facelink' } }]);
  });

  test('an account that is closed to use can still be disconnected, and posting switched off', async () => {
    await world.load({
      users: [{ id: `${id}-closed`, avatarName: 'Grimm', status: 'REFUSED', socialLinks: [{ partner: 'facelink' }] }],
    });
    const closed = member(`${id}-closed`);
    expect(refusals(await setAutoPost('facelink', true, closed))).toEqual([['FORBIDDEN', 'NOT_PERMITTED']]);
    expect((await setAutoPost('facelink', false, closed)).data.setAutoPost.socialLinks).toMatchObject([
      { autoPost: false },
    ]);
    expect((await disconnect('facelink', closed)).data.disconnectSocial.socialLinks).toEqual([]);
  });

  /** The answer as it left, and the commands that were sent before it did. */
  const observe = async (user: string) => {
    const authorization = `Bearer ${await world.token(NETWORK())}`;
    const { sent, stop } = noteCommands(world.store);
    const response = await world.post({ query: REPORT, variables: { user } }, { authorization });
    const body = await response.text();
    stop();
    const awaited = sent.filter((command) => !BACKGROUND.test(command));
    return { answer: [response.status, response.headers.get('content-length'), body], awaited };
  };
  /** Writes that a ledger has yet to make, and no answer waits for. */
  const BACKGROUND = /_ledger|book|^update people/;

  test('the answer, and the writes it waits for, are the same with or without a link or a person', async () => {
    await connect('facelink');
    const linked = await observe(await idFor('facelink'));
    const observed = [
      await observe(await idFor('facelink')),
      await observe('A'.repeat(22)),
      await observe('not an id at all'),
      await observe(''),
    ];
    expect(linked.awaited.at(-1)).toBe('findAndModify people');
    for (const { answer, awaited } of observed) {
      expect(answer).toEqual(linked.answer);
      expect(awaited).toEqual([...linked.awaited.slice(0, -1), 'update idle_notices']);
    }
  });

  test.each([
    { who: 'a visitor', caller: null, reason: 'NOT_PERMITTED' },
    { who: 'the person', caller: self, reason: 'NOT_PERMITTED' },
    { who: 'staff', caller: staff('privacy', 'privacy-request'), reason: 'NOT_PERMITTED' },
    { who: 'another kind of partner', caller: partner('adhive', 'advertising', 'gender'), reason: 'NO_CLAUSE' },
  ])('$who gives no such notice', async ({ caller, reason }) => {
    expect(refusals(await report('anybody', caller))).toEqual([['FORBIDDEN', reason]]);
  });
});
