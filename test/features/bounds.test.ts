import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { UNVERIFIED_FOR } from '../../src/features/blog/operations.ts';
import { MAIL_KINDS, type MailKind, mailboxOf } from '../../src/features/mail/cool-downs.ts';
import { createOutgoingMail } from '../../src/features/mail/operations.ts';
import { POSTS_A_DAY } from '../../src/features/posts/operations.ts';
import { EVENT_TABLES, MOST_CELLS, PAGES_A_DAY, PEOPLE_TABLES } from '../../src/features/statistics/operations.ts';
import { createEnforcedSchema } from '../../src/gateway/schema.ts';
import { createPersonKeys } from '../../src/store/keys.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY, HOUR } from '../support/clock.ts';
import { noteCommands } from '../support/commands.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { createWorld, KEYS, member, staff, type TestWorld } from '../support/world.ts';

const ALIASES = 190;
const START = '2026-03-01T12:00:00.000Z';
const clock = createClock(START);
let store: TestStore;
let world: TestWorld;
/** Another gateway over the same database. */
let second: TestWorld;
beforeAll(async () => {
  store = await openTestStore();
});
/** Two gateways that have counted nothing yet. */
beforeEach(async () => {
  clock.set(START);
  await resetWorld(store);
  world = await createWorld({ users: [{ id: 'u1', avatarName: 'Neko', email: 'neko@example.com' }] }, { clock, store });
  second = await createWorld({}, { clock, store });
});
afterEach(async () => {
  await second.close();
  await world.close();
});
afterAll(() => store.drop());

const collection = (name: string) => store.connection.getClient().db(store.connection.name).collection(name);
const aliased = (field: (n: number) => string, count = ALIASES) =>
  `mutation { ${Array.from({ length: count }, (_, n) => `a${n}: ${field(n)}`).join(' ')} }`;
const follow = (thread: string, email: string, by = world) =>
  by.ask(null, `mutation { subscribeToThread(thread: "${thread}", email: "${email}") }`);
const kindsMailed = async (to: string) =>
  (await world.mails()).filter((mail) => mailboxOf(mail.to) === mailboxOf(to)).map(({ kind }) => kind);
const register = (n: number, email: string, by = world) =>
  by.ask(member(`new-${n}`), 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }', {
    input: { name: 'Nia Ko', email, avatarName: `Avatar ${n}` },
  });

describe('the cool-down of mail: one address gets one mail of a kind, over all gateways', () => {
  test('one request with 190 aliased subscriptions of one address queues one mail, and all answers are the same', async () => {
    const { data, errors } = await world.ask(
      null,
      aliased((n) => `subscribeToThread(thread: "t${n}", email: "ada@example.com")`),
    );
    expect(errors).toEqual([]);
    expect(Object.values(data)).toEqual(Array.from({ length: ALIASES }, () => true));
    expect(await kindsMailed('ada@example.com')).toEqual(['VERIFY_SUBSCRIPTION']);
    expect(await collection('blog_followers').countDocuments()).toBe(5);
  });

  test('one request to follow 190 threads queues one mail', async () => {
    const { errors } = await world.ask(
      member('u1'),
      aliased((n) => `subscribeToThread(thread: "t${n}")`),
    );
    expect(errors).toEqual([]);
    expect(await kindsMailed('neko@example.com')).toEqual(['VERIFY_SUBSCRIPTION']);
  });

  test('fifty accounts that are opened with one address queue five mails in a day, and all answers are the same', async () => {
    for (let n = 0; n < 50; n++) {
      const { data, errors } = await register(
        n,
        n % 3 ? 'ada@example.com' : `ada+${n}@example.com`,
        n % 2 ? world : second,
      );
      expect(errors).toEqual([]);
      expect(data.register.user.id).toBe(`new-${n}`);
    }
    expect(await kindsMailed('ada@example.com')).toEqual(Array.from({ length: 5 }, () => 'ACCOUNT_OPENED'));
    const again = await world.ask(member('new-1'), 'mutation { requestEmailProof }');
    expect(again.data).toEqual({ requestEmailProof: true });
    expect(await kindsMailed('ada@example.com')).toHaveLength(5);
    clock.advance(DAY);
    await world.ask(member('new-1'), 'mutation { requestEmailProof }');
    expect((await world.mails()).at(-1)).toMatchObject({ to: 'ada@example.com', kind: 'ADDRESS_ASKED_AGAIN' });
  });

  test('two gateways over one database queue one mail', async () => {
    await Promise.all([1, 2, 3].flatMap((n) => [world, second].map((by) => follow(`t${n}`, 'ada@example.com', by))));
    expect(await kindsMailed('ada@example.com')).toEqual(['VERIFY_SUBSCRIPTION']);
  });

  test('the next mail goes out once the cool-down is over, and not a millisecond before', async () => {
    await follow('welcome', 'ada@example.com');
    clock.advance(HOUR - 1);
    await follow('welcome', 'ada@example.com');
    expect(await kindsMailed('ada@example.com')).toHaveLength(1);
    clock.advance(1);
    await follow('welcome', 'ada@example.com');
    expect(await kindsMailed('ada@example.com')).toHaveLength(2);
  });

  test('another address, and another kind of mail, has its own', async () => {
    await follow('welcome', 'ada@example.com');
    await follow('welcome', 'ben@example.com');
    await register(1, 'ada@example.com');
    expect((await kindsMailed('ada@example.com')).sort()).toEqual(['ACCOUNT_OPENED', 'VERIFY_SUBSCRIPTION']);
    expect(await kindsMailed('ben@example.com')).toEqual(['VERIFY_SUBSCRIPTION']);
  });

  test.each([
    'ADA@Example.COM',
    'ada+1@example.com',
    'ada+a+b@example.com',
    'Ada+@EXAMPLE.com',
  ])('%s is the mailbox of ada@example.com', async (spelling) => {
    await follow('welcome', 'ada@example.com');
    await follow('news', spelling);
    expect(await kindsMailed('ada@example.com')).toEqual(['VERIFY_SUBSCRIPTION']);
  });

  test.each([
    { address: 'ａｄａ@example.com', mailbox: 'ada@example.com' },
    { address: 'ada@bücher.example', mailbox: 'ada@xn--bcher-kva.example' },
    { address: '+ada@example.com', mailbox: '+ada@example.com' },
    { address: 'ada.b@example.com', mailbox: 'ada.b@example.com' },
  ])('mail to $address counts for $mailbox', ({ address, mailbox }) => expect(mailboxOf(address)).toBe(mailbox));

  test('a follower hears once an hour of one thread, however much one member writes there, and of every thread', async () => {
    for (const thread of ['welcome', 'news']) {
      await follow(thread, 'ada@example.com');
      const token = (await world.mails()).at(-1)?.data.token;
      await world.ask(null, 'mutation ($token: String!) { verifySubscription(token: $token) }', { token });
      clock.advance(HOUR);
    }
    const write = async (thread: string) =>
      expect(
        (
          await world.ask(
            member('u1'),
            aliased(() => `submitPost(forum: "${thread}", text: "Hi") { warnings }`, 20),
          )
        ).errors,
      ).toEqual([]);
    await write('welcome');
    await write('news');
    const told = (await world.mails()).filter(({ kind }) => kind === 'NEW_COMMENT');
    expect(told.map(({ data }) => data.thread).sort()).toEqual(['news', 'welcome']);
  });

  test('children.guardians: the mail about a verified guardian is never withheld', async () => {
    const officer = staff('privacy', 'privacy-request');
    for (const n of [1, 2, 3])
      await world.ask(
        null,
        `mutation { openGuardianCase(child: "Neko", contact: "p${n}@example.com", message: "Mine") }`,
      );
    const { data } = await world.ask(officer, '{ privacyCaseQueue { id } }');
    for (const { id } of data.privacyCaseQueue)
      await world.ask(officer, `mutation { verifyGuardianCase(id: "${id}", proof: "seen") }`);
    expect(await kindsMailed('neko@example.com')).toEqual(Array.from({ length: 3 }, () => 'GUARDIAN_CASE_VERIFIED'));
  });

  test('the database keeps no address of it', async () => {
    await follow('welcome', 'ada@example.com');
    expect(JSON.stringify(await collection('allowances').find().toArray())).not.toMatch(/ada|example/);
  });

  test.each(
    Object.keys(MAIL_KINDS) as MailKind[],
  )('%s: nothing is queued where its cool-down can’t be read', async (kind) => {
    const keys = createPersonKeys(store, KEYS.keyEncryptionKey);
    const away = { take: () => Promise.reject(new Error('away')) };
    const mail = createOutgoingMail(store, KEYS.sharedSecret, keys, away);
    const queued = mail.queue({ to: 'ada@example.com', kind, data: { thread: 'welcome' } }, clock.now(), null);
    if (MAIL_KINDS[kind] === null) await queued;
    else await expect(queued).rejects.toThrow('away');
    expect(await kindsMailed('ada@example.com')).toEqual(MAIL_KINDS[kind] === null ? [kind] : []);
  });
});

describe('records of operations without an account', () => {
  const STORES = [
    {
      ...{ name: 'followers', into: 'blog_followers', most: 5 },
      field: (n: number) => `subscribeToThread(thread: "t", email: "p${n}@example.com")`,
    },
    {
      ...{ name: 'cases of guardians', into: 'child_reports', most: 5 },
      field: (n: number) => `openGuardianCase(child: "c${n}", contact: "p${n}@example.com", message: "Mine")`,
    },
    { ...{ name: 'devices', into: 'devices', most: 5 }, field: () => 'createDevice(input: {}) { id }' },
  ];
  test.each(STORES)('190 aliases in one request leave five $name', async ({ into, most, field }) => {
    await world.ask(null, aliased(field));
    expect(await collection(into).countDocuments()).toBe(most);
  });

  test.each(STORES)('65 requests of five leave 300 $name of one network in an hour', async ({ into, field }) => {
    for (let request = 0; request < 65; request++)
      await world.ask(
        null,
        aliased((n) => field(n + request * 5), 5),
      );
    expect(await collection(into).countDocuments()).toBe(300);
  });

  test('a device beyond the limit is refused as too many', async () => {
    const { errors } = await world.ask(
      null,
      aliased(() => 'createDevice(input: {}) { id }', 6),
    );
    expect(errors[0]?.extensions).toEqual({ code: 'RATE_LIMITED' });
  });

  test('a follower whose mailbox does not answer is forgotten after 30 days, and one that answers stays', async () => {
    await follow('welcome', 'ada@example.com');
    const token = (await world.mails()).at(-1)?.data.token;
    await world.ask(null, 'mutation ($token: String!) { verifySubscription(token: $token) }', { token });
    await follow('welcome', 'ben@example.com');
    clock.advance(UNVERIFIED_FOR - 1);
    await world.gateway.sweep();
    expect(await collection('blog_followers').countDocuments()).toBe(2);
    clock.advance(1);
    await world.gateway.sweep();
    expect(await collection('blog_followers').find().toArray()).toMatchObject([{ verified: true }]);
  });

  test('a follower that asks again has 30 days more, and a verified one stays verified', async () => {
    await follow('$welcome', 'ada@example.com');
    clock.advance(20 * DAY);
    await follow('$welcome', 'ada@example.com');
    clock.advance(20 * DAY);
    await world.gateway.sweep();
    expect(await collection('blog_followers').find().toArray()).toMatchObject([
      { thread: '$welcome', verified: false },
    ]);
    await follow('$welcome', 'ada@example.com');
    const token = (await world.mails()).at(-1)?.data.token;
    await world.ask(null, 'mutation ($token: String!) { verifySubscription(token: $token) }', { token });
    await follow('$welcome', 'ada@example.com');
    const [follower] = await collection('blog_followers').find().toArray();
    expect(follower).toMatchObject({ verified: true });
    expect(follower).not.toHaveProperty('expiresAt');
  });

  test('a person can write 1,000 posts a day, over all gateways, and more on the next', async () => {
    const write = async (by: TestWorld) =>
      (await by.ask(member('u1'), 'mutation { submitPost(forum: "f", text: "Hi") { warnings } }')).errors[0]
        ?.extensions;
    expect(await write(world)).toBeUndefined();
    // as after 998 posts more
    await collection('allowances').updateMany({ count: 1 }, { $set: { count: POSTS_A_DAY.most - 1 } });
    expect([await write(second), await write(world), await write(second)]).toEqual([
      undefined,
      { code: 'RATE_LIMITED' },
      { code: 'RATE_LIMITED' },
    ]);
    expect(await collection('posts').countDocuments()).toBe(2);
    clock.advance(DAY);
    expect(await write(world)).toBeUndefined();
  });
});

describe('aggregate.only: counts have a bound, and hold no text of anybody', () => {
  const visit = (page: string, by = world) =>
    by.ask(null, `mutation { recordVisit(page: "${page}", browser: FIREFOX) }`);
  const pagesCounted = async () =>
    (
      await collection('daily_tallies')
        .find({ '_id.table': 'PAGES' } as never)
        .toArray()
    ).map(({ _id, count }) => ({ key: (_id as unknown as { key: string }).key, count: count as number }));
  /** A plain word of five letters, another for each number. */
  const word = (n: number) =>
    [...n.toString().padStart(5, '0')].map((digit) => String.fromCharCode(97 + Number(digit))).join('');
  const askTable = async (table: string) =>
    (await world.ask(null, `{ statistics(table: ${table}) { cells { key count } } }`)).data.statistics.cells;

  test('one request with 150 names of pages counts five visits, and all answers are the same', async () => {
    const { data, errors } = await world.ask(
      null,
      aliased((n) => `recordVisit(page: "/${word(n)}", browser: FIREFOX)`, 150),
    );
    expect(errors).toEqual([]);
    expect(new Set(Object.values(data))).toEqual(new Set([true]));
    expect((await pagesCounted()).reduce((sum, { count }) => sum + count, 0)).toBe(5);
  });

  test.each([
    { page: '/', key: '/' },
    { page: '/Shop/', key: '/shop' },
    { page: '/shop/4711', key: '/shop/:id' },
    { page: '/people/ada.lovelace', key: '/people/:id' },
    { page: '/help/terms-of-service', key: '/help/terms-of-service' },
    { page: '/blog/my-name-is-ada-and-i-am-eleven', key: '/blog/:id' },
    { page: '/a/b/c/d/e/f', key: '/a/b/c/d' },
  ])('a visit of $page is counted for $key', async ({ page, key }) => {
    await visit(page);
    expect(await pagesCounted()).toEqual([{ key, count: 1 }]);
  });

  test('in a day 200 names of pages are counted apart, over all gateways, and the rest as other', async () => {
    for (let n = 0; n < 210; n++) await visit(`/${word(n)}`, n % 2 ? world : second);
    await visit(`/${word(3)}`);
    const counted = await pagesCounted();
    expect(counted).toHaveLength(PAGES_A_DAY.most + 1);
    expect(counted).toContainEqual({ key: 'other', count: 10 });
    expect(counted).toContainEqual({ key: `/${word(3)}`, count: 2 });
    clock.advance(DAY);
    await visit('/tomorrow');
    expect(await pagesCounted()).toContainEqual({ key: '/tomorrow', count: 1 });
  });

  test('every statistic answers over 90,000 names, with 500 cells and the rest', async () => {
    const long = 'x'.repeat(190);
    const tallies = Array.from({ length: 90_000 }, (_, n) => ({
      _id: { day: '2026-02-28', table: 'PAGES', key: `/${long}${word(n)}` },
      count: n < 10 ? 100 : 20,
    }));
    for (let from = 0; from < tallies.length; from += 10_000)
      await collection('daily_tallies').insertMany(tallies.slice(from, from + 10_000) as never[]);
    await collection('daily_tallies').insertOne({
      _id: { day: '2026-02-28', table: 'VISITS', key: 'all' },
      count: 1_800_800,
    } as never);
    expect(await askTable('VISITS')).toEqual([{ key: 'all', count: 1_800_800 }]);
    for (const table of [...EVENT_TABLES, ...PEOPLE_TABLES]) expect(await askTable(table)).toBeInstanceOf(Array);
    const pages = await askTable('PAGES');
    expect(pages).toHaveLength(MOST_CELLS + 1);
    expect(pages[0]).toEqual({ key: 'other', count: 1_800_800 - 10 * 100 - 490 * 20 });
    expect(pages[1]).toEqual({ key: `/${long}${word(0)}`, count: 100 });
    expect(await collection('statistics_snapshots').countDocuments()).toBe(EVENT_TABLES.length + PEOPLE_TABLES.length);
  }, 60_000);

  test('one request that asks 190 times at the beginning of a day has everything counted once', async () => {
    const { sent, stop } = noteCommands(store);
    const { errors } = await world.ask(
      null,
      aliased(() => 'statistics(table: PAGES) { asOf }').replace('mutation', 'query'),
    );
    stop();
    expect(errors).toEqual([]);
    expect(sent.filter((command) => command === 'aggregate daily_tallies')).toHaveLength(1);
  });

  test('the tables of the day before are forgotten', async () => {
    await askTable('PAGES');
    clock.advance(DAY);
    await askTable('PAGES');
    const days = (await collection('statistics_snapshots').find().toArray()).map(
      ({ _id }) => (_id as unknown as { day: string }).day,
    );
    expect([...new Set(days)]).toEqual(['2026-03-02']);
  });
});

describe('SECURITY.md', () => {
  test('has every mutation in one row of its bounds, and no other', async () => {
    const page = await readFile(new URL('../../SECURITY.md', import.meta.url), 'utf8');
    const [, section = ''] = /^## Bounds on mail[^\n]*\n(.*?)\n\| Without a mutation/ms.exec(page) ?? [];
    const rows = section.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
    const mutations = Object.keys(createEnforcedSchema(world.table).getMutationType()?.getFields() ?? {});
    expect(named.sort()).toEqual(mutations.sort());
    for (const row of rows)
      expect(row.split('|').map((cell) => cell.trim() !== '')).toEqual([false, true, true, true, true, false]);
  });
});
