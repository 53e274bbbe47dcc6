import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { createClock, DAY, HOUR } from '../support/clock.ts';
import { noteCommands } from '../support/commands.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const LISTS = [
  { list: 'imvu-newsletter', preference: 'imvuNewsletter', clause: 'newsletters.opt-out' },
  { list: 'developer-newsletter', preference: 'developerNewsletter', clause: 'newsletters.opt-out' },
  { list: 'friend-added-notice', preference: 'friendAdded', clause: 'communications.social' },
  { list: 'friend-message-notice', preference: 'friendMessage', clause: 'communications.social' },
  { list: 'non-friend-message-notice', preference: 'nonFriendMessage', clause: 'communications.social' },
  { list: 'creator-notification', preference: 'creatorNotification', clause: 'programs.creator-notification' },
];
/** The preferences of a person on none of the lists. */
const NO_MAIL = Object.fromEntries(LISTS.map(({ preference }) => [preference, false]));
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
        { id: 'u3', avatarName: 'Zoe', email: 'zoe@example.com', country: 'US', preferences: NO_MAIL },
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
const erase = async (caller: CallerClaims) => {
  const { data } = await world.ask(caller, 'mutation { requestErasure { confirmation } }');
  const ERASE = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
  const { errors } = await world.ask(caller, ERASE, { confirmation: data.requestErasure.confirmation });
  expect(errors).toEqual([]);
};

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

  test.each(LISTS)('the page of a link in $list names the list before and after, in the words of the policy', async ({
    list,
  }) => {
    const { description = '' } = world.table.current.purposes.find(({ id }) => id === list) ?? {};
    expect(description).not.toBe('');
    const url = await linkFor(list);
    for (const method of ['GET', 'POST']) expect(await (await visit(url, method)).text()).toContain(description);
  });

  test('a link tells nothing: not the person, not the address, not the list; and no page tells of anybody', async () => {
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

  test.each(LISTS)('$list has no headers for a person off the list', async ({ list, preference }) => {
    const OFF = `mutation { updatePreferences(input: { ${preference}: false }) { ledgerEntry { number } } }`;
    expect((await world.ask(self, OFF)).errors).toEqual([]);
    const { data, errors } = await world.ask(mailer(list), HEADERS, { user: await knownAs(), list });
    expect({ data, errors }).toEqual({ data: { mailingHeaders: null }, errors: [] });
  });

  test('a link that was used, and one of an account that was erased, say the same again', async () => {
    const url = await linkFor('imvu-newsletter');
    const first = await (await visit(url, 'POST')).text();
    await erase(self);
    const later = await visit(url, 'POST');
    expect([later.status, await later.text()]).toEqual([200, first]);
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

  test('a follower without an account hears of comments once verified, until they leave by the link', async () => {
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

  /** Brings the person to follow a thread, verified. */
  const followAs = async (caller: CallerClaims, thread: string) => {
    await world.ask(caller, SUBSCRIBE, { thread });
    const token = await tokenMailed();
    await world.ask(null, VERIFY, { token });
    clock.advance(HOUR);
    return token;
  };
  const leaveAs = (caller: CallerClaims, thread: string) =>
    world.ask(caller, 'mutation ($thread: ID!) { unsubscribeFromThread(thread: $thread) { id } }', { thread });

  describe('headers of mail about a thread', () => {
    const headersFor = async (thread: string | null) =>
      world.ask(mailer('blog-notification'), HEADERS, { user: await knownAs(), list: 'blog-notification', thread });
    test('are there for a thread that the person follows, and null for every other', async () => {
      await followAs(self, 'welcome');
      await followAs(self, 'left');
      await leaveAs(self, 'left');
      await world.ask(self, SUBSCRIBE, { thread: 'pending' });
      expect((await headersFor('welcome')).data.mailingHeaders.listUnsubscribePost).toBe('List-Unsubscribe=One-Click');
      for (const thread of ['pending', 'left', 'never', 'WELCOME', 'welcome '])
        expect(await headersFor(thread)).toMatchObject({ data: { mailingHeaders: null }, errors: [] });
    });

    test('need the thread, for every person', async () => {
      for (const user of [await knownAs(), 'nobody'])
        expect(
          (await world.ask(mailer('blog-notification'), HEADERS, { user, list: 'blog-notification' })).errors[0]
            ?.extensions,
        ).toMatchObject({ code: 'BAD_INPUT', argument: 'thread' });
    });

    test('are null once the person has another address, which has verified nothing', async () => {
      await followAs(self, 'welcome');
      await world.ask(
        self,
        'mutation { correctPersonalData(input: { email: "neko@elsewhere.example" }) { user { id } } }',
      );
      expect((await headersFor('welcome')).data).toEqual({ mailingHeaders: null });
    });
  });

  describe('threadFollowers names the followers of a thread to the email provider', () => {
    const FOLLOWERS =
      'query ($thread: ID!, $first: Int, $after: String) { threadFollowers(thread: $thread, first: $first, after: $after) ' +
      '{ edges { node { id email } } pageInfo { hasNextPage endCursor } } }';
    const ask = (caller: CallerClaims | null, variables: object) => world.ask(caller, FOLLOWERS, { ...variables });
    const emailsOf = async (thread: string) =>
      (await ask(mailer('blog-notification'), { thread })).data.threadFollowers.edges.map(
        ({ node }: { node: { email: string } }) => node.email,
      );

    test('only people with a verified subscription to this thread, and each is a disclosure', async () => {
      await followAs(self, 'welcome');
      await followAs(self, 'news');
      await followAs(member('u3'), 'news');
      await world.ask(member('u3'), SUBSCRIBE, { thread: 'welcome' });
      expect(await emailsOf('welcome')).toEqual(['neko@example.com']);
      expect((await emailsOf('news')).sort()).toEqual(['neko@example.com', 'zoe@example.com']);
      expect(await emailsOf('never')).toEqual([]);
      const SHARES = '{ me { thirdPartyShares { purpose categories } } }';
      const told = { purpose: 'blog-notification', categories: ['EMAIL'] };
      expect((await world.ask(self, SHARES)).data.me.thirdPartyShares).toEqual([told, told]);
      expect((await world.ask(member('u3'), SHARES)).data.me.thirdPartyShares).toEqual([told]);
    });

    test('nobody who left, nor anybody verified for an earlier address', async () => {
      await followAs(self, 'welcome');
      await followAs(member('u3'), 'welcome');
      await leaveAs(self, 'welcome');
      expect(await emailsOf('welcome')).toEqual(['zoe@example.com']);
      await world.ask(
        member('u3'),
        'mutation { correctPersonalData(input: { email: "zoe@elsewhere.example" }) { user { id } } }',
      );
      expect(await emailsOf('welcome')).toEqual([]);
    });

    test('an id alone is a disclosure too, of no category', async () => {
      await followAs(self, 'welcome');
      await world.ask(mailer('blog-notification'), '{ threadFollowers(thread: "welcome") { edges { node { id } } } }');
      expect((await world.ask(self, '{ me { thirdPartyShares { categories } } }')).data.me.thirdPartyShares).toEqual([
        { categories: [] },
      ]);
    });

    test('a page of any number of people takes one look-up of people and one of keys', async () => {
      for (const caller of [self, member('u3')]) await followAs(caller, 'welcome');
      for (const first of [1, 2]) {
        const { sent, stop } = noteCommands(world.store);
        await ask(mailer('blog-notification'), { thread: 'welcome', first });
        stop();
        // the books and their follower go on beside
        const finds = sent.filter((command) => command.startsWith('find ') && !command.includes('book'));
        expect(finds.sort()).toEqual(['find partners', 'find people', 'find person_keys', 'find revoked_tokens']);
      }
    });

    test('page by page, each person once', async () => {
      for (const caller of [self, member('u3')]) await followAs(caller, 'welcome');
      const first = (await ask(mailer('blog-notification'), { thread: 'welcome', first: 1 })).data.threadFollowers;
      const { endCursor: after, hasNextPage } = first.pageInfo;
      expect(hasNextPage).toBe(true);
      const second = (await ask(mailer('blog-notification'), { thread: 'welcome', first: 1, after })).data
        .threadFollowers;
      expect(second.pageInfo.hasNextPage).toBe(false);
      expect([...first.edges, ...second.edges].map(({ node }) => node.email).sort()).toEqual([
        'neko@example.com',
        'zoe@example.com',
      ]);
    });

    test.each([
      { name: 'a visitor', caller: null, reason: 'NOT_PERMITTED' },
      { name: 'a member', caller: self, reason: 'NOT_PERMITTED' },
      { name: 'staff', caller: staff('support', 'customer-support'), reason: 'NOT_PERMITTED' },
      { name: 'the provider for another list', caller: mailer('imvu-newsletter'), reason: 'WRONG_PURPOSE' },
      { name: 'the provider without scope', caller: partner('mail', 'blog-notification', ''), reason: 'MISSING_SCOPE' },
    ])('$name is refused: $reason', async ({ caller, reason }) => {
      await followAs(self, 'welcome');
      const { data, errors } = await ask(caller, { thread: 'welcome' });
      expect(data).toEqual({ threadFollowers: null });
      expect(errors[0]?.extensions).toEqual({ code: 'FORBIDDEN', reason });
    });
  });

  describe('the page of a link tells the outcome', () => {
    const verifyUrl = (token: string) => `http://gateway.test/verify/${token}`;
    const pageOf = async (url: string, method = 'POST') => {
      const response = await visit(url, method);
      return { status: response.status, text: await response.text() };
    };
    const askedFor = async (thread: string) => {
      await world.ask(self, SUBSCRIBE, { thread });
      return tokenMailed();
    };

    test('of a verification: that mail about this thread comes, the second time as well', async () => {
      const url = verifyUrl(await askedFor('welcome'));
      const [first, second] = [await pageOf(url), await pageOf(url)];
      expect(first).toEqual({
        status: 200,
        text: expect.stringContaining('You get mail about the blog thread “welcome”'),
      });
      expect(second).toEqual(first);
    });

    const LEFT = {
      status: 410,
      text: expect.stringMatching(/do not follow the blog thread “welcome” any more.*left.*subscribe to it again/s),
    };
    test.each([
      { name: 'by the person', leave: async () => void (await leaveAs(self, 'welcome')) },
      {
        name: 'by the link in its mail',
        leave: async () => void (await visit(await linkFor('blog-notification', 'welcome'), 'POST')),
      },
      { name: 'with the account', leave: () => erase(self) },
    ])('of a verification after the thread was left $name: that it was left, and how to follow again', async ({
      leave,
    }) => {
      const token = await followAs(self, 'welcome');
      await leave();
      expect(await pageOf(verifyUrl(token))).toEqual(LEFT);
      expect((await world.ask(null, VERIFY, { token })).data).toEqual({ verifySubscription: true });
      expect(await reads('blog-notification')).toEqual([]);
    });

    test('the same without an account', async () => {
      await world.ask(null, SUBSCRIBE, { thread: 'welcome', email: 'stranger@example.com' });
      const token = await tokenMailed();
      expect((await pageOf(verifyUrl(token))).status).toBe(200);
      clock.advance(1);
      await world.ask(member('u2'), 'mutation { submitPost(forum: "welcome", text: "Hi") { post { id } } }');
      const leave = `http://gateway.test/unsubscribe/${(await mails()).at(-1)?.data.token}`;
      const [left, again] = [await pageOf(leave), await pageOf(leave)];
      expect(left).toEqual({
        status: 200,
        text: expect.stringContaining('no more mail about the blog thread “welcome”'),
      });
      expect(again).toEqual(left);
      expect(await pageOf(verifyUrl(token))).toEqual(LEFT);
    });

    test('of a verification that a week has passed over: that it is too old, and how to get another', async () => {
      const url = verifyUrl(await askedFor('welcome'));
      clock.advance(7 * DAY);
      const late = expect.stringMatching(/does not work any more.*7 days.*Subscribe to the thread again/s);
      expect(await pageOf(url)).toEqual({ status: 404, text: late });
      expect(await pageOf(url, 'GET')).toEqual({ status: 200, text: late });
    });

    test('of a verification for an earlier address: that it does not work any more', async () => {
      const url = verifyUrl(await askedFor('welcome'));
      await world.ask(
        self,
        'mutation { correctPersonalData(input: { email: "neko@elsewhere.example" }) { user { id } } }',
      );
      expect(await pageOf(url)).toMatchObject({ status: 404, text: expect.stringContaining('another address by now') });
    });

    test.each(['/unsubscribe/garbage', '/verify/garbage'])('%s: that it does not work', async (path) => {
      const says = expect.stringContaining('This link does not work.');
      expect(await pageOf(`http://gateway.test${path}`)).toEqual({ status: 404, text: says });
      expect(await pageOf(`http://gateway.test${path}`, 'GET')).toEqual({ status: 200, text: says });
    });

    test('the name of a thread is text and no markup', async () => {
      const thread = `<script>alert("1")</script>&'`;
      await followAs(self, thread);
      const urls = [verifyUrl(await tokenMailed()), await linkFor('blog-notification', thread)];
      for (const url of urls)
        for (const method of ['GET', 'POST']) {
          const { text } = await pageOf(url, method);
          expect(text).not.toContain('<script');
          expect(text).toContain('&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#38;&#39;');
          expect(text).not.toMatch(/neko|u1/i);
        }
    });

    test.each(['語', '\u0001', '😀'])('a thread of 200 characters has links that work: %j', async (character) => {
      const thread = character.repeat(200 / character.length);
      expect((await pageOf(verifyUrl(await askedFor(thread)))).status).toBe(200);
      expect((await pageOf(await linkFor('blog-notification', thread))).status).toBe(200);
      expect(await reads('blog-notification')).toEqual([]);
    });
  });

  test('no address lies readable in the database', async () => {
    await world.ask(null, SUBSCRIBE, { thread: 'welcome', email: 'stranger@example.com' });
    const database = world.store.connection.getClient().db(world.store.connection.name);
    for (const name of ['blog_followers', 'outgoing_mail'])
      expect(JSON.stringify(await database.collection(name).find().toArray())).not.toContain('stranger');
  });
});
