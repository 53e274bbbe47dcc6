import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createProofs } from '../../src/features/mailboxes/operations.ts';
import { createServices } from '../../src/gateway/services.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import { createPersonOpener } from '../../src/subject/open-person.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { actsOf } from '../support/acts.ts';
import { createClock, DAY } from '../support/clock.ts';
import { until } from '../support/engines.ts';
import { followLink, proveAddress, tokenMailedTo } from '../support/mailboxes.ts';
import { quiet } from '../support/store.ts';
import { createWorld, KEYS, member, partner, staff, type TestWorld } from '../support/world.ts';

const START = '2026-03-10T12:00:00.000Z';
const self = member('una');
const EVERYTHING = 'name email';

const contracted = (clientId: string, kind: string, purpose: string) => ({
  ...{ clientId, name: clientId, kind, jurisdiction: 'US' },
  contract: { purposes: [purpose] },
});
const PARTNERS = [
  contracted('mailer', 'EMAIL_PROVIDER', 'imvu-newsletter'),
  contracted('threads', 'EMAIL_PROVIDER', 'blog-notification'),
  contracted('pay', 'PAYMENT_PROCESSOR', 'billing'),
  contracted('offers', 'OFFERS', 'targeted-offers'),
  contracted('brand', 'CO_BRANDED', 'co-branded-service'),
  contracted('heir', 'SUCCESSOR', 'succession'),
  contracted('wall', 'OFFER_WALL', 'offer-completion'),
];
/** Every partner may see the address of this person. */
const somebody = (id: string, more: object) => ({
  ...{ id, avatarName: `Avatar ${id}`, name: 'Una Moss', country: 'US' },
  orders: [{ id: `order-${id}`, processor: 'pay', status: 'OPEN' }],
  consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2025-01-01T00:00:00.000Z' }],
  subscriptions: [{ thread: 'news', verified: true }],
  relationships: [{ partner: 'brand' }],
  privacyCases: [{ id: `case-${id}`, status: 'OPEN' }],
  ...more,
});
const WORLD = {
  partners: PARTNERS,
  successions: [{ partner: 'heir', announcedAt: '2026-01-01T00:00:00.000Z' }],
  legalProcesses: ['una', 'pia'].map((subject) => ({
    ...{ id: `process-${subject}`, kind: 'COURT_ORDER', authority: 'Court', reference: 'R 1' },
    ...{ subject, categories: ['NAME', 'EMAIL'] },
  })),
  users: [
    somebody('una', { email: 'una@example.com', emailProven: false }),
    somebody('pia', { email: 'pia@example.com' }),
  ],
};

let world: TestWorld;
const clock = createClock(START);
beforeAll(async () => {
  world = await createWorld({}, { clock });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
  await database().collection('allowances').deleteMany({});
  await world.load(WORLD);
});
afterAll(() => world.close());

const database = () => world.store.connection.getClient().db(world.store.connection.name);
const ask = async (caller: CallerClaims | null, query: string, variables = {}) => {
  const { data, errors } = await world.ask(caller, query, variables);
  expect(errors).toEqual([]);
  return data;
};
const correct = (id: string, email: string) =>
  ask(
    member(id),
    'mutation ($email: EmailAddress) { correctPersonalData(input: { email: $email }) { user { email } } }',
    { email },
  );
const register = (id: string, email: string) =>
  ask(member(id), 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }', {
    input: { name: 'Nia Ko', email, avatarName: `Avatar ${id}`, country: 'US' },
  });
const isProven = async (id: string) => (await ask(member(id), '{ me { emailProven } }')).me.emailProven;
const mailsTo = async (address: string) =>
  (await world.mails()).filter(({ to }) => to === address).map(({ kind }) => kind);
const mailer = partner('mailer', 'imvu-newsletter', EVERYTHING);
/** The addresses that the newsletter goes to. */
const mailed = async () =>
  (await ask(mailer, '{ users { edges { node { email } } } }')).users.edges.map(
    ({ node }: { node: { email: string | null } }) => node.email,
  );
const idFor = async (clientId: string, id: string) =>
  (await ask(member(id), `{ me { partnerId(clientId: "${clientId}") } }`)).me.partnerId as string;

describe('registration.contact: an address counts for nothing until its mailbox has answered', () => {
  test.each([
    { name: 'an email provider', caller: mailer },
    { name: 'a payment processor', caller: partner('pay', 'billing', EVERYTHING) },
    { name: 'a company with offers', caller: partner('offers', 'targeted-offers', EVERYTHING) },
    { name: 'a co-branded partner', caller: partner('brand', 'co-branded-service', EVERYTHING) },
    { name: 'a successor', caller: partner('heir', 'succession', EVERYTHING) },
    { name: 'support staff', caller: staff('support', 'customer-support') },
  ])('$name finds the person, and no address, without an error', async ({ caller }) => {
    const { users } = await ask(caller, '{ users { edges { node { name email } } } }');
    const found = users.edges.map(({ node }: { node: object }) => node);
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({ name: 'Una Moss', email: null });
    expect(found).toContainEqual({ name: 'Una Moss', email: 'pia@example.com' });
  });

  test.each([
    { name: 'the person', caller: self },
    { name: 'privacy staff with an open case', caller: staff('privacy', 'privacy-request') },
    { name: 'legal staff under a process', caller: staff('legal', 'legal-process') },
  ])('$name sees it', async ({ caller }) => {
    expect((await ask(caller, '{ user(id: "una") { email } }')).user).toEqual({ email: 'una@example.com' });
  });

  test.each([
    { name: 'the person', caller: self, proven: false },
    { name: 'privacy staff with an open case', caller: staff('privacy', 'privacy-request'), proven: false },
    { name: 'support staff', caller: staff('support', 'customer-support'), proven: null },
    { name: 'another member', caller: member('pia'), proven: null },
  ])('whether it is proven is told to the person and privacy staff: $name', async ({ caller, proven }) => {
    const { data, errors } = await world.ask(caller, '{ user(id: "una") { avatarName emailProven } }');
    expect(data.user.emailProven).toBe(proven);
    expect(errors.map(({ extensions }) => extensions.category)).toEqual(proven === null ? ['ACCOUNT'] : []);
  });

  test('an export tells it', async () => {
    const { requestExport } = await ask(self, 'mutation { requestExport }');
    expect(JSON.stringify(requestExport)).toContain('"emailProven":false');
    expect(JSON.stringify(requestExport)).toContain('una@example.com');
  });

  test('no mail is prepared for it', async () => {
    const HEADERS = 'query ($user: ID!) { mailingHeaders(user: $user, list: "imvu-newsletter") { listUnsubscribe } }';
    const headersFor = async (id: string) =>
      (await ask(mailer, HEADERS, { user: await idFor('mailer', id) })).mailingHeaders;
    expect(await headersFor('una')).toBeNull();
    expect(await headersFor('pia')).not.toBeNull();
    await ask(self, 'mutation { requestEmailProof }');
    await proveAddress(world, 'una@example.com');
    expect(await headersFor('una')).not.toBeNull();
  });

  test('no credit follows it', async () => {
    const SUBMIT = 'mutation ($input: OfferCompletionInput!) { submitOfferCompletion(input: $input) { received } }';
    const credited = async (completionId: string) => {
      const input = { completionId, name: 'Una Moss', email: 'UNA@example.com', credits: 5 };
      await ask(partner('wall', 'offer-completion', EVERYTHING), SUBMIT, { input });
      await until(async () => (await database().collection('offer_completions').countDocuments()) === 0);
      return (await ask(self, '{ me { credits { credits } } }')).me.credits;
    };
    expect(await credited('before')).toEqual([]);
    await ask(self, 'mutation { requestEmailProof }');
    await proveAddress(world, 'una@example.com');
    expect(await credited('after')).toEqual([{ credits: 5 }]);
  });
});

describe('registration.contact: a link that is mailed proves an address', () => {
  test('a GET shows a page and proves nothing, a POST proves, and another POST says the same', async () => {
    await register('new', 'New.Person@example.com');
    expect(await mailsTo('New.Person@example.com')).toEqual(['ACCOUNT_OPENED']);
    const token = await tokenMailedTo(world, 'New.Person@example.com');
    const page = await followLink(world, token, 'GET');
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<form method="post">')]);
    expect(await isProven('new')).toBe(false);
    const pages = await Promise.all([1, 2].map(async () => (await followLink(world, token)).text()));
    expect(pages[0]).toContain('Your address is proven.');
    expect(pages[1]).toBe(pages[0]);
    expect(await isProven('new')).toBe(true);
    expect(await mailed()).toContain('New.Person@example.com');
    expect((await actsOf(world.store, 'new')).filter(({ type }) => type === 'EMAIL_PROOF')).toHaveLength(1);
  });

  test('the ledger has it, without the address', async () => {
    await ask(self, 'mutation { requestEmailProof }');
    await proveAddress(world, 'una@example.com');
    const proof = (await actsOf(world.store, 'una')).at(-1);
    expect(proof).toMatchObject({ type: 'EMAIL_PROOF', at: START });
    expect(JSON.stringify(proof)).not.toContain('una@');
  });

  test('no address and no token lies readable in the database', async () => {
    await register('new', 'new@example.com');
    const token = await tokenMailedTo(world, 'new@example.com');
    const collections = await database().listCollections({}, { nameOnly: true }).toArray();
    const held = await Promise.all(collections.map(({ name }) => database().collection(name).find({}).toArray()));
    expect(JSON.stringify(held)).not.toContain('new@example.com');
    expect(JSON.stringify(held)).not.toContain(token);
  });

  test.each([
    { name: 'a millisecond before seven days are over', after: 7 * DAY - 1, proven: true },
    { name: 'seven days later', after: 7 * DAY, proven: false },
  ])('it is followed in time: $name', async ({ after, proven }) => {
    await register('new', 'new@example.com');
    clock.advance(after);
    const { status } = await proveAddress(world, 'new@example.com');
    expect(status).toBe(proven ? 200 : 404);
    expect(await isProven('new')).toBe(proven);
  });

  test('a link that was mailed to an earlier address proves nothing of the next', async () => {
    await register('new', 'first@example.com');
    const first = await tokenMailedTo(world, 'first@example.com');
    await correct('new', 'second@example.com');
    expect(await mailsTo('second@example.com')).toEqual(['ADDRESS_CHANGED']);
    expect((await followLink(world, first)).status).toBe(404);
    expect(await isProven('new')).toBe(false);
    await correct('new', 'first@example.com');
    expect((await followLink(world, first)).status).toBe(200);
    expect(await mailed()).toContain('first@example.com');
  });

  test('another spelling is another address', async () => {
    await correct('pia', 'Pia@example.com');
    expect(await isProven('pia')).toBe(false);
    await proveAddress(world, 'Pia@example.com');
    expect(await mailed()).toContain('Pia@example.com');
  });

  test('a link of another use proves nothing, nor does this one unsubscribe', async () => {
    await register('new', 'new@example.com');
    const token = await tokenMailedTo(world, 'new@example.com');
    const url = `http://gateway.test/unsubscribe/${token}`;
    expect((await world.gateway.fetch(new Request(url, { method: 'POST' }))).status).toBe(404);
    expect((await followLink(world, `${token}A`)).status).toBe(404);
    expect(await isProven('new')).toBe(false);
  });

  test('a client of its own proves with the token, and is answered the same for one that is not good', async () => {
    await register('new', 'new@example.com');
    const PROVE = 'mutation ($token: String!) { proveEmail(token: $token) }';
    expect(await ask(null, PROVE, { token: 'garbage' })).toEqual({ proveEmail: true });
    expect(await isProven('new')).toBe(false);
    const token = await tokenMailedTo(world, 'new@example.com');
    expect(await ask(null, PROVE, { token })).toEqual({ proveEmail: true });
    expect(await isProven('new')).toBe(true);
  });
});

describe('registration.contact: one account has a mailbox, the one that proved it first', () => {
  test('the owner takes it over from a stranger who gave it first, and the stranger is told nothing', async () => {
    await register('stranger', 'owner@example.com');
    const RECORD = '{ me { email emailProven subscriptions { thread } corrections { category } } }';
    const before = await ask(member('stranger'), RECORD);
    clock.advance(1);
    await register('owner', 'owner@example.com');
    expect((await proveAddress(world, 'owner@example.com')).status).toBe(200);
    expect(await isProven('owner')).toBe(true);
    expect(await ask(member('stranger'), RECORD)).toEqual(before);
    expect((await mailed()).filter((email: string | null) => email === 'owner@example.com')).toHaveLength(1);
  });

  test('a link for the other account does not work any more, and its page says why', async () => {
    await register('stranger', 'owner@example.com');
    const late = await tokenMailedTo(world, 'owner@example.com');
    clock.advance(1);
    await register('owner', 'owner@example.com');
    await proveAddress(world, 'owner@example.com');
    const page = await followLink(world, late);
    expect([page.status, await page.text()]).toEqual([409, expect.stringContaining('proven for another account')]);
    expect([await isProven('stranger'), await isProven('owner')]).toEqual([false, true]);
  });

  test.each([
    'pia@example.com',
    'PIA@EXAMPLE.COM',
    'ｐｉａ@example.com',
  ])('an address that is proven gets no link for another account: %s', async (email) => {
    await register('late', email);
    expect((await world.mails()).map(({ to, kind, data }) => ({ to, kind, data }))).toEqual([
      { to: email, kind: 'ADDRESS_TAKEN', data: {} },
    ]);
  });

  test('a domain in U-labels and in A-labels is one', async () => {
    await register('u-label', 'nia@bücher.example');
    await proveAddress(world, 'nia@bücher.example');
    await register('a-label', 'nia@xn--bcher-kva.example');
    expect(await mailsTo('nia@xn--bcher-kva.example')).toEqual(['ADDRESS_TAKEN']);
  });

  test('of many that prove it at once, through two gateways, one has it', async () => {
    const other = await createWorld({}, { clock: createClock('2026-03-10T13:00:00.000Z'), store: world.store });
    const ids = Array.from({ length: 6 }, (_, index) => `wants-${index}`);
    const address = (index: number) => (index % 2 === 0 ? 'wanted@example.com' : 'Wanted@Example.com');
    const tokens: string[] = [];
    for (const [index, id] of ids.entries()) {
      await database().collection('allowances').deleteMany({});
      clock.advance(1);
      await register(id, address(index));
      tokens.push(await tokenMailedTo(world, address(index)));
    }
    const pages = await Promise.all(
      [...tokens, ...tokens].map((token, index) => followLink(index % 3 === 0 ? other : world, token)),
    );
    await other.close();
    const proven = await Promise.all(ids.map(isProven));
    expect(proven.filter(Boolean)).toHaveLength(1);
    expect(pages.map(({ status }) => status).sort()).toEqual([200, 200, ...Array(10).fill(409)]);
  });

  test('an address that a person gives up is free for others to prove', async () => {
    await register('next', 'pia@example.com');
    await correct('pia', 'elsewhere@example.com');
    clock.advance(1);
    await ask(member('next'), 'mutation { requestEmailProof }');
    expect((await proveAddress(world, 'pia@example.com')).status).toBe(200);
    expect([await isProven('pia'), await isProven('next')]).toEqual([false, true]);
    clock.advance(1);
    await correct('pia', 'pia@example.com');
    expect((await mailsTo('pia@example.com')).at(-1)).toBe('ADDRESS_TAKEN');
  });

  test.each([
    { name: 'is given anew, after another', given: ['elsewhere@example.com', 'pia@example.com'] },
    { name: 'is given in another spelling', given: ['Pia@example.com'] },
  ])('an address that $name, and is not proven since, goes to another person that proves it', async ({ given }) => {
    await register('next', 'pia@example.com');
    await correct('pia', given[0] as string);
    clock.advance(1);
    await ask(member('next'), 'mutation { requestEmailProof }');
    const token = await tokenMailedTo(world, 'pia@example.com');
    for (const email of given.slice(1)) await correct('pia', email);
    expect((await followLink(world, token)).status).toBe(200);
    expect([await isProven('pia'), await isProven('next')]).toEqual([false, true]);
    const last = given.at(-1) as string;
    clock.advance(1);
    await ask(member('pia'), 'mutation { requestEmailProof }');
    expect((await mailsTo(last)).at(-1)).toBe('ADDRESS_TAKEN');
  });

  test('a proof that was cut off is finished by following the link again, and nobody else has the mailbox', async () => {
    await register('cut', 'cut@example.com');
    const link = await tokenMailedTo(world, 'cut@example.com');
    clock.advance(1);
    await register('other', 'cut@example.com');
    const others = await tokenMailedTo(world, 'cut@example.com');
    const services = createServices({ store: world.store, table: world.table, clock, log: quiet, ...KEYS });
    const { prove } = createProofs({
      ...services,
      openPerson: createPersonOpener(services.people, services.vaultOf),
      changes: { ...services.changes, apply: () => Promise.reject(new Error('power cut')) },
    });
    await expect(prove(services.links.open(link) as Parameters<typeof prove>[0])).rejects.toThrow('power cut');
    expect((await followLink(world, others)).status).toBe(409);
    expect((await followLink(world, link)).status).toBe(200);
    expect([await isProven('cut'), await isProven('other')]).toEqual([true, false]);
  });
});

describe('registration.contact: a person asks for the link again', () => {
  const AGAIN = 'mutation { requestEmailProof }';

  test.each([
    { name: 'an address that is not proven', id: 'una', mails: ['ADDRESS_ASKED_AGAIN'] },
    { name: 'one that is', id: 'pia', mails: [] },
  ])('with the same answer: $name', async ({ id, mails }) => {
    expect(await ask(member(id), AGAIN)).toEqual({ requestEmailProof: true });
    expect(await mailsTo(`${id}@example.com`)).toEqual(mails);
  });

  test('a mailbox gets five such mails a day from all accounts together, and the answer is the same', async () => {
    await register('other', 'UNA@example.com');
    for (let times = 0; times < 6; times++) expect(await ask(self, AGAIN)).toEqual({ requestEmailProof: true });
    expect(await world.mails()).toHaveLength(5);
    clock.advance(DAY);
    await ask(self, AGAIN);
    expect(await world.mails()).toHaveLength(6);
  });

  test.each(['SEALED', 'REFUSED'])('in any status: %s', async (status) => {
    await world.load({
      users: [{ id: 'closed', avatarName: 'Closed', email: 'closed@example.com', emailProven: false, status }],
    });
    await ask(member('closed'), AGAIN);
    await proveAddress(world, 'closed@example.com');
    expect(await isProven('closed')).toBe(true);
  });

  test.each([
    { name: 'nobody', caller: null },
    { name: 'a partner', caller: mailer },
    { name: 'privacy staff', caller: staff('privacy', 'privacy-request') },
  ])('$name can not', async ({ caller }) => {
    const { errors } = await world.ask(caller, AGAIN);
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'NOT_PERMITTED' });
  });
});

describe('blog.subscription: a subscription is verified for the address that its mail went to', () => {
  const threads = partner('threads', 'blog-notification', EVERYTHING);
  const following = async () => {
    const { users } = await ask(threads, '{ users { edges { node { email } } } }');
    return users.edges.map(({ node }: { node: { email: string | null } }) => node.email);
  };
  const SUBSCRIBE = 'mutation { subscribeToThread(thread: "news") }';

  test('another address is not verified until its mailbox has answered', async () => {
    expect(await following()).toContain('pia@example.com');
    await correct('pia', 'next@example.com');
    await proveAddress(world, 'next@example.com');
    expect(await following()).not.toContain('next@example.com');
    expect((await ask(member('pia'), '{ me { subscriptions { thread verified } } }')).me.subscriptions).toEqual([
      { thread: 'news', verified: false },
    ]);
    clock.advance(1);
    await ask(member('pia'), SUBSCRIBE);
    await proveAddress(world, 'next@example.com');
    expect(await following()).toContain('next@example.com');
  });

  test('the link that was mailed to the address before verifies nothing of the next', async () => {
    await world.load({ users: [{ id: 'pia', avatarName: 'Avatar pia', subscriptions: [{ thread: 'news' }] }] });
    await ask(member('pia'), SUBSCRIBE);
    const token = await tokenMailedTo(world, 'pia@example.com');
    await correct('pia', 'next@example.com');
    expect((await followLink(world, token)).status).toBe(404);
    const subscriptions = async () =>
      (await ask(member('pia'), '{ me { subscriptions { verified } } }')).me.subscriptions;
    expect(await subscriptions()).toEqual([{ verified: false }]);
    await correct('pia', 'pia@example.com');
    await followLink(world, token);
    expect(await subscriptions()).toEqual([{ verified: true }]);
  });

  test('a world file that changes the address states verification anew', async () => {
    const pia = { id: 'pia', avatarName: 'Avatar pia', email: 'next@example.com' };
    await world.load({ users: [pia] });
    expect(await following()).not.toContain('next@example.com');
    await world.load({ users: [{ ...pia, subscriptions: [{ thread: 'news', verified: true }] }] });
    expect(await following()).toContain('next@example.com');
  });

  test('mail for somebody without an account goes to the address as it was written', async () => {
    const FOLLOW = 'mutation ($email: EmailAddress) { subscribeToThread(thread: "news", email: $email) }';
    await ask(null, FOLLOW, { email: 'John.SMITH@Example.com' });
    expect(await mailsTo('John.SMITH@Example.com')).toEqual(['VERIFY_SUBSCRIPTION']);
    await proveAddress(world, 'John.SMITH@Example.com');
    clock.advance(1);
    await ask(self, 'mutation { submitPost(forum: "news", text: "Hi") { post { id } } }');
    expect(await mailsTo('John.SMITH@Example.com')).toEqual(['VERIFY_SUBSCRIPTION', 'NEW_COMMENT']);
  });
});
