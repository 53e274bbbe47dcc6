import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { listsByDefault } from '../../src/features/newsletters/suppressions.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import { actsOf } from '../support/acts.ts';
import { createClock, DAY, HOUR } from '../support/clock.ts';
import { noteCommands } from '../support/commands.ts';
import { followLink, proveAddress, tokenMailedTo } from '../support/mailboxes.ts';
import { createWorld, member, partner, type TestWorld } from '../support/world.ts';

const LISTS = ['imvu-newsletter', 'developer-newsletter', 'friend-added-notice', 'friend-message-notice'];
const ADA = 'ada@example.com';

let world: TestWorld;
let clock: ReturnType<typeof createClock>;
beforeEach(async () => {
  await world?.close();
  clock = createClock('2026-03-01T12:00:00.000Z');
  world = await createWorld(
    {
      users: [
        { id: 'u1', avatarName: 'Neko', country: 'US' },
        { id: 'ada', avatarName: 'Ada', email: ADA, country: 'US' },
      ],
      partners: [
        {
          ...{ clientId: 'mail', name: 'Mail', kind: 'EMAIL_PROVIDER', jurisdiction: 'US' },
          contract: { purposes: [...LISTS, 'non-friend-message-notice', 'blog-notification'] },
        },
      ],
    },
    { clock },
  );
});
afterAll(() => world.close());

const ask = async (caller: CallerClaims | null, query: string, variables: Record<string, unknown> = {}) => {
  const { data, errors } = await world.ask(caller, query, variables);
  expect(errors).toEqual([]);
  return data;
};
const collection = (name: string) =>
  world.store.connection.getClient().db(world.store.connection.name).collection(name);
const followersOf = async () =>
  (await collection('blog_followers').find().toArray()).map(({ thread }) => String(thread)).sort();
const mailsTo = async (address: string) => (await world.mails()).filter(({ to }) => to === address);
const follow = async (thread: string, email: string) => {
  await ask(
    null,
    'mutation ($thread: ID!, $email: EmailAddress!) { subscribeToThread(thread: $thread, email: $email) }',
    {
      ...{ thread, email },
    },
  );
  await followLink(world, await tokenMailedTo(world, email));
  clock.advance(HOUR);
};
const write = (thread: string) =>
  ask(member('u1'), `mutation { submitPost(forum: "${thread}", text: "Hi") { warnings } }`);
const FORGET = 'mutation ($email: EmailAddress!) { forgetAddress(email: $email) }';
const forget = (email: string) => ask(null, FORGET, { email });
const press = async (token: unknown, method = 'POST') => {
  const response = await world.gateway.fetch(new Request(`http://gateway.test/unsubscribe/${token}`, { method }));
  return { status: response.status, text: await response.text() };
};

describe('rights.deletion: an address without an account is forgotten on request', () => {
  test('by the link in every mail to it: it follows nothing any more, and no mail waits for it', async () => {
    for (const thread of ['welcome', 'news']) await follow(thread, 'stranger@example.com');
    await follow('welcome', 'other@example.com');
    await write('welcome');
    const mails = await mailsTo('stranger@example.com');
    expect(mails.map(({ kind }) => kind)).toEqual(['VERIFY_SUBSCRIPTION', 'VERIFY_SUBSCRIPTION', 'NEW_COMMENT']);
    for (const { data } of mails) expect((await press(data.forgetToken, 'GET')).text).toContain('Forget this address?');
    expect(await followersOf()).toEqual(['news', 'welcome', 'welcome']);
    expect((await press(mails[0]?.data.forgetToken)).text).toContain('The address is forgotten.');
    expect(await followersOf()).toEqual(['welcome']);
    expect(await mailsTo('stranger@example.com')).toEqual([]);
    expect(await mailsTo('other@example.com')).toHaveLength(2);
    await write('news');
    expect(await mailsTo('stranger@example.com')).toEqual([]);
  });

  test('by a link that they ask for; asking alone forgets nothing', async () => {
    await follow('welcome', 'stranger@example.com');
    await forget('STRANGER@example.com');
    expect(await followersOf()).toEqual(['welcome']);
    const [mail] = (await world.mails()).filter(({ kind }) => kind === 'FORGET_ADDRESS');
    expect(mail?.to).toBe('STRANGER@example.com');
    for (const _ of [1, 2]) expect((await press(mail?.data.forgetToken)).status).toBe(200);
    expect(await followersOf()).toEqual([]);
  });

  test('the answer, the mail and the commands are the same for an address that is known and one that is not', async () => {
    await follow('welcome', 'stranger@example.com');
    const told = [];
    for (const email of ['stranger@example.com', ADA, 'nobody@example.com']) {
      const { sent, stop } = noteCommands(world.store);
      const answer = await forget(email);
      stop();
      const [mail] = (await world.mails()).filter(({ kind, to }) => kind === 'FORGET_ADDRESS' && to === email);
      told.push({ answer, sent, keys: Object.keys(mail?.data ?? {}) });
      expect((await press(mail?.data.forgetToken)).status).toBe(200);
    }
    expect(told[0]?.answer).toEqual({ forgetAddress: true });
    for (const other of told) expect(other).toEqual(told[0]);
  });

  test('an account with the address is not touched', async () => {
    await forget(ADA);
    const [mail] = await mailsTo(ADA);
    await press(mail?.data.forgetToken);
    expect(await ask(member('ada'), '{ me { email emailProven } }')).toEqual({ me: { email: ADA, emailProven: true } });
  });

  test('one address gets one such mail an hour, one request sends five, and the answer does not tell', async () => {
    const aliased = (field: (n: number) => string) =>
      `mutation { ${Array.from({ length: 100 }, (_, n) => `a${n}: ${field(n)}`).join(' ')} }`;
    const same = await ask(
      null,
      aliased(() => `forgetAddress(email: "stranger@example.com")`),
    );
    expect(new Set(Object.values(same))).toEqual(new Set([true]));
    expect(await world.mails()).toHaveLength(1);
    await ask(
      null,
      aliased((n) => `forgetAddress(email: "p${n}@example.com")`),
    );
    expect(await world.mails()).toHaveLength(6);
    clock.advance(HOUR);
    await forget('stranger@example.com');
    expect(await mailsTo('stranger@example.com')).toHaveLength(2);
  });

  test('one that is entered again follows nothing until its owner says so', async () => {
    await follow('welcome', 'stranger@example.com');
    const { data } = (await mailsTo('stranger@example.com'))[0] ?? {};
    await press(data?.forgetToken);
    await ask(null, 'mutation { subscribeToThread(thread: "welcome", email: "stranger@example.com") }');
    // the link of before is for the subscription of before, and its owner alone has it
    await write('welcome');
    expect((await mailsTo('stranger@example.com')).map(({ kind }) => kind)).toEqual(['VERIFY_SUBSCRIPTION']);
    await followLink(world, await tokenMailedTo(world, 'stranger@example.com'));
    clock.advance(HOUR);
    await write('welcome');
    expect((await mailsTo('stranger@example.com')).map(({ kind }) => kind)).toContain('NEW_COMMENT');
  });
});

describe('newsletters.opt-out, communications.social: an unsubscribed mailbox stays so when its account goes', () => {
  const set = (caller: CallerClaims, input: string) =>
    ask(caller, `mutation { updatePreferences(input: { ${input} }) { ledgerEntry { number } } }`);
  const PREFERENCES =
    '{ me { preferences { imvuNewsletter developerNewsletter friendAdded friendMessage nonFriendMessage creatorNotification adTargeting } } }';
  const preferencesOf = async (id: string) => (await ask(member(id), PREFERENCES)).me.preferences;
  const erase = async (id: string) => {
    const { requestErasure } = await ask(member(id), 'mutation { requestErasure { confirmation } }');
    await ask(member(id), 'mutation ($c: String!) { eraseAccount(confirmation: $c) { erasedAt } }', {
      c: requestErasure.confirmation,
    });
  };
  const register = (id: string, email: string) =>
    ask(
      member(id),
      'mutation ($input: RegisterInput!) { register(input: $input) { user { preferences { imvuNewsletter } } } }',
      {
        input: { name: 'Ada Ko', email, avatarName: `Avatar ${id}`, country: 'US' },
      },
    );
  const mailed = async (list: string) =>
    (await ask(partner('mail', list, 'name email'), '{ users { edges { node { email } } } }')).users.edges.flatMap(
      ({ node }: { node: { email: string | null } }) => node.email ?? [],
    );
  const DEFAULTS = {
    ...{ imvuNewsletter: true, developerNewsletter: true, friendAdded: true, friendMessage: true },
    ...{ nonFriendMessage: true, creatorNotification: false, adTargeting: true },
  };

  test('the lists are those that mail goes by and that registration switches on, as the policy says', () => {
    expect(listsByDefault(world.table)).toEqual([
      ...['imvuNewsletter', 'developerNewsletter', 'friendAdded', 'friendMessage', 'nonFriendMessage'],
    ]);
  });

  test('the next person to prove the mailbox begins off the lists that its owner left, and on the others', async () => {
    await set(member('ada'), 'imvuNewsletter: false, friendMessage: false, adTargeting: false');
    await erase('ada');
    await register('again', ADA);
    await proveAddress(world, ADA);
    expect(await preferencesOf('again')).toEqual({ ...DEFAULTS, imvuNewsletter: false, friendMessage: false });
    expect(await mailed('imvu-newsletter')).toEqual([]);
    expect(await mailed('developer-newsletter')).toEqual([ADA]);
    const acts = await actsOf(world.store, 'again');
    expect(acts.filter(({ type }) => type === 'PREFERENCES')).toMatchObject([
      { source: 'DEFAULT' },
      { source: 'SUPPRESSION', changes: { imvuNewsletter: false, friendMessage: false } },
    ]);
  });

  test('until the mailbox answers, its next account looks like any other, and gets no mail', async () => {
    await set(member('ada'), 'imvuNewsletter: false');
    await erase('ada');
    const answers = [await register('again', ADA), await register('fresh', 'fresh@example.com')];
    expect(answers[0]).toEqual(answers[1]);
    expect(await preferencesOf('again')).toEqual(await preferencesOf('fresh'));
    expect((await mailsTo(ADA)).map(({ kind, data }) => [kind, Object.keys(data)])).toEqual(
      (await mailsTo('fresh@example.com')).map(({ kind, data }) => [kind, Object.keys(data)]),
    );
    expect(await mailed('imvu-newsletter')).toEqual([]);
  });

  test('the owner subscribes anew by an act of their own, which holds from then on', async () => {
    await set(member('ada'), 'imvuNewsletter: false');
    await erase('ada');
    await register('again', ADA);
    // not yet: an unproven address may belong to another person
    await set(member('again'), 'imvuNewsletter: true');
    await proveAddress(world, ADA);
    expect(await mailed('imvu-newsletter')).toEqual([]);
    await set(member('again'), 'imvuNewsletter: true');
    expect(await mailed('imvu-newsletter')).toEqual([ADA]);
    await erase('again');
    clock.advance(DAY);
    await register('third', ADA);
    await proveAddress(world, ADA);
    expect(await mailed('imvu-newsletter')).toEqual([ADA]);
    expect(await collection('suppressions').countDocuments()).toBe(0);
  });

  test('an account that never proved the mailbox leaves no mark of it', async () => {
    await register('stranger', 'owner@example.com');
    await set(member('stranger'), 'imvuNewsletter: false');
    await erase('stranger');
    expect(await collection('suppressions').countDocuments()).toBe(0);
  });

  test('nor does it take a mark away', async () => {
    await set(member('ada'), 'imvuNewsletter: false');
    await erase('ada');
    await register('stranger', ADA);
    await erase('stranger');
    clock.advance(DAY);
    await register('again', ADA);
    await proveAddress(world, ADA);
    expect((await preferencesOf('again')).imvuNewsletter).toBe(false);
  });

  test('the same when the account goes on with another address, and when an account comes to this one by correction', async () => {
    const correct = (id: string, email: string) =>
      ask(
        member(id),
        'mutation ($email: EmailAddress!) { correctPersonalData(input: { email: $email }) { user { id } } }',
        {
          email,
        },
      );
    await set(member('ada'), 'imvuNewsletter: false');
    await correct('ada', 'elsewhere@example.com');
    await register('again', 'fresh@example.com');
    await proveAddress(world, 'fresh@example.com');
    expect(await mailed('imvu-newsletter')).toEqual(['fresh@example.com']);
    await correct('again', ADA);
    await proveAddress(world, ADA);
    expect(await mailed('imvu-newsletter')).toEqual([]);
  });

  test('another spelling of the mailbox is the mailbox', async () => {
    await set(member('ada'), 'imvuNewsletter: false');
    await erase('ada');
    await register('again', 'ADA@Example.com');
    await proveAddress(world, 'ADA@Example.com');
    expect(await mailed('imvu-newsletter')).toEqual([]);
  });

  test('the mark holds no address, and is none of the marks that people or followers have', async () => {
    await follow('welcome', ADA);
    await set(member('ada'), 'imvuNewsletter: false');
    const person = await collection('people').findOne({ publicId: 'ada' });
    await erase('ada');
    const [mark, ...others] = await collection('suppressions').find().toArray();
    expect(others).toEqual([]);
    expect(mark).toEqual({ _id: expect.stringMatching(/^[\da-f]{64}$/), off: ['imvuNewsletter'] });
    const follower = await collection('blog_followers').findOne();
    expect([person?.mailbox.mark, follower?._id, follower?.mailbox]).not.toContain(mark?._id);
  });

  test('the same commands prove a mailbox that was unsubscribed and one that never was', async () => {
    await set(member('ada'), 'imvuNewsletter: false');
    await erase('ada');
    const told = [];
    for (const [id, email] of [
      ['again', ADA],
      ['fresh', 'fresh@example.com'],
    ] as const) {
      await register(id, email);
      const { sent, stop } = noteCommands(world.store);
      await proveAddress(world, email);
      stop();
      told.push(sent.filter((command) => !command.includes('person_ledger')));
    }
    expect(told[0]).toEqual(told[1]);
  });
});
