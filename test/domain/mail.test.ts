import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createClock, DAY } from '../support/clock.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const LISTS = [
  { list: 'imvu-newsletter', preference: 'imvuNewsletter', clause: 'newsletters.opt-out' },
  { list: 'developer-newsletter', preference: 'developerNewsletter', clause: 'newsletters.opt-out' },
  { list: 'friend-added-notice', preference: 'friendAdded', clause: 'communications.social' },
  { list: 'friend-message-notice', preference: 'friendMessage', clause: 'communications.social' },
  { list: 'non-friend-message-notice', preference: 'nonFriendMessage', clause: 'communications.social' },
  { list: 'creator-notification', preference: 'creatorNotification', clause: 'programs.creator-notification' },
];
const self = member('u1');
const mailer = (purpose: string) => partner('mail', purpose, 'name email');

let world: TestWorld;
let clock: ReturnType<typeof createClock>;
beforeEach(async () => {
  await world?.close();
  clock = createClock('2026-03-01T12:00:00.000Z');
  world = await createWorld(
    {
      users: [
        {
          id: 'u1',
          avatarName: 'Neko',
          email: 'neko@example.com',
          country: 'US',
          preferences: { creatorNotification: true },
        },
        { id: 'u2', avatarName: 'Ziggy' },
      ],
      partners: [
        {
          clientId: 'mail',
          name: 'Mail',
          kind: 'EMAIL_PROVIDER',
          jurisdiction: 'US',
          contract: { purposes: [...LISTS.map(({ list }) => list), 'blog-notification', 'service-notice'] },
        },
      ],
    },
    { clock },
  );
});
afterAll(() => world.close());

const HEADERS =
  'query ($user: ID!, $list: Purpose!, $thread: ID) { mailingHeaders(user: $user, list: $list, thread: $thread) { listUnsubscribe listUnsubscribePost } }';
const knownAs = async () =>
  (await world.ask(self, '{ me { partnerId(clientId: "mail") } }')).data.me.partnerId as string;
const linkFor = async (list: string, thread?: string) => {
  const { data, errors } = await world.ask(mailer(list), HEADERS, { user: await knownAs(), list, thread });
  expect(errors).toEqual([]);
  expect(data.mailingHeaders.listUnsubscribePost).toBe('List-Unsubscribe=One-Click');
  return data.mailingHeaders.listUnsubscribe.slice(1, -1) as string;
};
const visit = (url: string, method: string) =>
  world.gateway.fetch(
    new Request(url, {
      method,
      ...(method === 'POST' && {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'List-Unsubscribe=One-Click',
      }),
    }),
  );
const preferences = async () =>
  (await world.ask(self, `{ me { preferences { ${LISTS.map(({ preference }) => preference).join(' ')} } } }`)).data.me
    .preferences;
const reads = async (list: string) => {
  const { data } = await world.ask(mailer(list), '{ users { edges { node { email } } } }');
  return data.users.edges.map(({ node }: { node: { email: string } }) => node.email);
};
const mails = () => world.mails();

describe('newsletters.default-in: both newsletters are on at registration, recorded as a default', () => {
  test('the defaults are no consent that the person gave', async () => {
    expect(await preferences()).toMatchObject({ imvuNewsletter: true, developerNewsletter: true });
    expect((await world.ask(self, '{ me { consents { purpose } } }')).data.me.consents).toEqual([]);
    expect(await reads('imvu-newsletter')).toContain('neko@example.com');
  });
});

describe('newsletters.opt-out, communications.social, programs.creator-notification: each list has a switch of its own', () => {
  test.each(LISTS)('switching $preference off ends $list alone, on the next read', async ({ list, preference }) => {
    await world.ask(
      self,
      `mutation { updatePreferences(input: { ${preference}: false }) { preferences { ${preference} } } }`,
    );
    expect(await reads(list)).not.toContain('neko@example.com');
    for (const other of LISTS.filter((candidate) => candidate.list !== list))
      expect(await reads(other.list)).toContain('neko@example.com');
  });

  test.each(LISTS)('one click on the link in $list switches $preference off and nothing else', async ({
    list,
    preference,
  }) => {
    const before = await preferences();
    const url = await linkFor(list);
    expect((await visit(url, 'POST')).status).toBe(200);
    expect(await preferences()).toEqual({ ...before, [preference]: false });
    expect(await reads(list)).not.toContain('neko@example.com');
  });

  test('a GET shows a button and changes nothing, however often', async () => {
    const url = await linkFor('imvu-newsletter');
    for (const _ of [1, 2]) {
      const response = await visit(url, 'GET');
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('<form method="post">');
    }
    expect(await preferences()).toMatchObject({ imvuNewsletter: true });
  });

  test('pressing twice is no error, and adds one entry to the ledger', async () => {
    const url = await linkFor('imvu-newsletter');
    const bodies = [await (await visit(url, 'POST')).text(), await (await visit(url, 'POST')).text()];
    expect(bodies[0]).toBe(bodies[1]);
    const MUTATION = 'mutation { updatePreferences(input: { imvuNewsletter: false }) { ledgerEntry { number } } }';
    const { data } = await world.ask(self, MUTATION);
    expect(data.updatePreferences.ledgerEntry.number).toBe(4);
  });

  test('a link tells nothing: not the person, not the address, not the list; and no page does', async () => {
    const url = await linkFor('imvu-newsletter');
    const page = await (await visit(url, 'GET')).text();
    const done = await visit(url, 'POST');
    expect(done.headers.get('referrer-policy')).toBe('no-referrer');
    expect(done.headers.get('cache-control')).toBe('no-store');
    for (const text of [
      Buffer.from(url.split('/').at(-1) ?? '', 'base64url').toString('latin1'),
      page,
      await done.text(),
    ])
      for (const secret of ['neko', 'Neko', 'u1', 'imvuNewsletter', 'imvu-newsletter'])
        expect(text).not.toContain(secret);
  });

  test.each([
    { name: 'a forged token', change: (url: string) => `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}` },
    { name: 'garbage', change: (url: string) => url.replace(/[^/]+$/, 'garbage') },
    { name: 'a token of another use', change: (url: string) => url.replace('/unsubscribe/', '/verify/') },
  ])('$name does nothing', async ({ change }) => {
    const url = change(await linkFor('imvu-newsletter'));
    expect((await visit(url, 'POST')).status).toBe(404);
    expect(await preferences()).toMatchObject({ imvuNewsletter: true });
  });

  test('headers are for the partner that may write to the person, for the list of its token', async () => {
    const user = await knownAs();
    const ask = async (caller: Parameters<TestWorld['ask']>[0], variables: object) =>
      world.ask(caller, HEADERS, { user, list: 'imvu-newsletter', ...variables });
    expect((await ask(mailer('developer-newsletter'), {})).errors[0]?.extensions).toMatchObject({
      reason: 'WRONG_PURPOSE',
    });
    expect((await ask(mailer('service-notice'), { list: 'service-notice' })).errors[0]?.extensions).toMatchObject({
      code: 'BAD_INPUT',
      argument: 'list',
    });
    expect((await ask(mailer('imvu-newsletter'), { user: 'nobody' })).data).toEqual({ mailingHeaders: null });
    for (const caller of [null, self, staff('support', 'customer-support')])
      expect((await ask(caller, {})).errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
    await world.ask(
      self,
      'mutation { updatePreferences(input: { imvuNewsletter: false }) { preferences { adTargeting } } }',
    );
    expect((await ask(mailer('imvu-newsletter'), {})).data).toEqual({ mailingHeaders: null });
  });
});

describe('blog.subscription, blog.unsubscribe: mail only for mailboxes that answered', () => {
  const SUBSCRIBE =
    'mutation ($thread: ID!, $email: EmailAddress) { subscribeToThread(thread: $thread, email: $email) }';
  const VERIFY = 'mutation ($token: String!) { verifySubscription(token: $token) }';
  const tokenMailed = async () => (await mails()).at(-1)?.data.token as string;

  test('a person’s subscription is pending until the token from the mail verifies it', async () => {
    await world.ask(self, SUBSCRIBE, { thread: 'welcome' });
    expect(await mails()).toMatchObject([
      { to: 'neko@example.com', kind: 'VERIFY_SUBSCRIPTION', data: { thread: 'welcome' } },
    ]);
    expect(await reads('blog-notification')).toEqual([]);
    await world.ask(null, VERIFY, { token: await tokenMailed() });
    expect(await reads('blog-notification')).toEqual(['neko@example.com']);
    const { data } = await world.ask(self, '{ me { subscriptions { thread verified } } }');
    expect(data.me.subscriptions).toEqual([{ thread: 'welcome', verified: true }]);
  });

  test('the link in the mail verifies with a button, and a GET alone verifies nothing', async () => {
    await world.ask(self, SUBSCRIBE, { thread: 'welcome' });
    const url = `http://gateway.test/verify/${await tokenMailed()}`;
    await visit(url, 'GET');
    expect(await reads('blog-notification')).toEqual([]);
    await visit(url, 'POST');
    expect(await reads('blog-notification')).toEqual(['neko@example.com']);
  });

  test('a token that is a week old verifies nothing, and the answer does not tell', async () => {
    await world.ask(self, SUBSCRIBE, { thread: 'welcome' });
    const token = await tokenMailed();
    clock.advance(7 * DAY);
    expect((await world.ask(null, VERIFY, { token })).data).toEqual({ verifySubscription: true });
    expect((await world.ask(null, VERIFY, { token: 'garbage' })).data).toEqual({ verifySubscription: true });
    expect(await reads('blog-notification')).toEqual([]);
  });

  test('without an account the answer is the same for a known and an unknown address', async () => {
    const answers = [
      await world.ask(null, SUBSCRIBE, { thread: 'welcome', email: 'neko@example.com' }),
      await world.ask(null, SUBSCRIBE, { thread: 'welcome', email: 'stranger@example.com' }),
    ];
    expect(answers.map(({ data, errors }) => ({ data, errors }))).toEqual(
      [1, 2].map(() => ({ data: { subscribeToThread: true }, errors: [] })),
    );
    expect((await world.ask(self, '{ me { subscriptions { thread } } }')).data.me.subscriptions).toEqual([]);
  });

  test('who follows without an account hears of comments once verified, until they leave by the link', async () => {
    const COMMENT = 'mutation { submitPost(forum: "welcome", text: "Hi") { post { id } } }';
    await world.ask(null, SUBSCRIBE, { thread: 'welcome', email: 'stranger@example.com' });
    const token = await tokenMailed();
    await world.ask(member('u2'), COMMENT);
    expect(await mails()).toHaveLength(1);
    await world.ask(null, VERIFY, { token });
    clock.advance(1);
    await world.ask(member('u2'), COMMENT);
    const comment = (await mails()).at(-1);
    expect(comment).toMatchObject({ to: 'stranger@example.com', kind: 'NEW_COMMENT' });
    await visit(`http://gateway.test/unsubscribe/${comment?.data.token}`, 'POST');
    await world.ask(member('u2'), COMMENT);
    expect(await mails()).toHaveLength(2);
  });

  test('a person leaves a thread by the link in its mail, or signed in, on the next read', async () => {
    const verified = async () => {
      await world.ask(self, SUBSCRIBE, { thread: 'welcome' });
      await world.ask(null, VERIFY, { token: await tokenMailed() });
      expect(await reads('blog-notification')).toEqual(['neko@example.com']);
    };
    await verified();
    await visit(await linkFor('blog-notification', 'welcome'), 'POST');
    expect(await reads('blog-notification')).toEqual([]);
    clock.advance(1);
    await verified();
    for (const _ of [1, 2])
      await world.ask(self, 'mutation { unsubscribeFromThread(thread: "welcome") { subscriptions { thread } } }');
    expect(await reads('blog-notification')).toEqual([]);
  });

  test('no address lies readable in the database', async () => {
    await world.ask(null, SUBSCRIBE, { thread: 'welcome', email: 'stranger@example.com' });
    const database = world.store.connection.getClient().db(world.store.connection.name);
    for (const name of ['blog_followers', 'outgoing_mail'])
      expect(JSON.stringify(await database.collection(name).find().toArray())).not.toContain('stranger');
  });
});
