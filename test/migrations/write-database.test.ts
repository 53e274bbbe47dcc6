import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClock, HOUR } from '../support/clock.ts';
import { openTestStore } from '../support/store.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

/**
 * Writes a database in the form of this commit, for the migration tests of later code. Run it on the last commit before
 * a stored form changes, and name the file:
 *
 *     DATABASE_FILE=database.ejson.gz npx vitest run test/migrations/write-database.test.ts
 */
const FILE = process.env.DATABASE_FILE;

const NOW = '2026-11-20T09:00:00.000Z';

const ADDRESS = { street: '1 Elm Street', city: 'Emberfold', postalCode: '90001', country: 'US' };
const contracted = (clientId: string, kind: string, purposes: readonly string[], jurisdiction = 'US') => ({
  ...{ clientId, name: `The ${clientId}`, kind, jurisdiction },
  contract: { from: '2020-01-01T00:00:00.000Z', purposes },
});

const WORLD = {
  partners: [
    contracted('pay-a', 'PAYMENT_PROCESSOR', ['billing', 'order-fulfilment']),
    contracted('pay-b', 'PAYMENT_PROCESSOR', ['billing']),
    contracted('mailer', 'EMAIL_PROVIDER', ['imvu-newsletter', 'service-notice', 'blog-notification']),
    contracted('offers', 'OFFERS', ['targeted-offers']),
    contracted('adverts', 'ADVERTISER', ['advertising']),
    contracted('wall', 'OFFER_WALL', ['offer-completion']),
    contracted('brand', 'CO_BRANDED', ['co-branded-service'], 'FR'),
    contracted('network', 'SOCIAL', ['activity-posting']),
    contracted('heir', 'SUCCESSOR', ['succession']),
  ],
  successions: [{ partner: 'heir', announcedAt: '2026-09-01T00:00:00.000Z' }],
  legalProcesses: [
    {
      ...{ id: 'order-1', kind: 'COURT_ORDER', authority: 'The court', reference: 'A 1', subject: 'ada' },
      ...{ categories: ['NAME', 'EMAIL'], from: '2026-01-01T00:00:00.000Z', until: '2027-01-01T00:00:00.000Z' },
    },
  ],
  users: [
    {
      ...{ id: 'ada', avatarName: 'Ada', name: 'Ada Lund', email: 'ada@example.com', gender: 'female' },
      ...{ birthDate: '1990-02-03', country: 'US', postalAddress: ADDRESS, billingAddress: ADDRESS },
      ...{ cellPhone: '555-0100', gpcOptOut: false },
      paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2028-09', processorToken: 'tok-ada' },
      photos: [{ id: 'p1', url: 'https://photos.example/1.jpg', caption: 'One' }],
      posts: [{ id: 'b1', forum: 'blog', text: 'Hello', at: '2026-10-01T00:00:00.000Z' }],
      recentActivity: [{ id: 'a1', kind: 'FRIEND', text: 'made a friend', at: '2026-10-02T00:00:00.000Z' }],
      transactions: [{ id: 't1', kind: 'SOLD', good: 'Wings', price: 2.5, profit: 1, at: '2026-10-03T00:00:00.000Z' }],
      consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2026-10-04T00:00:00.000Z' }],
      orders: [
        { id: 'o1', processor: 'pay-a', status: 'OPEN' },
        { id: 'o2', processor: 'pay-b', status: 'FAILED' },
      ],
      subscriptions: [{ thread: 'news', verified: true }],
      relationships: [{ partner: 'brand', active: true }],
      socialLinks: [{ partner: 'network', autoPost: true }],
      adInteractions: [{ partner: 'adverts', at: '2026-10-05T00:00:00.000Z' }],
    },
    {
      ...{ id: 'ben', avatarName: 'Ben Ō', name: 'Ben Oak', email: 'Ben.Oak@Example.com', country: 'US' },
      ...{ billingAddress: ADDRESS, birthDate: '1985-05-05' },
      consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2026-10-04T00:00:00.000Z' }],
      privacyCases: [{ id: 'case-ben', status: 'OPEN' }],
    },
    {
      id: 'cleo',
      avatarName: 'ＣＬＥＯ',
      name: 'Cleo Fabre',
      email: 'cleo@example.com',
      country: 'FR',
      gender: 'female',
    },
    { id: 'pip', avatarName: 'Pip', birthDate: '2018-01-01', status: 'SEALED', email: 'pip@example.com' },
    { id: 'rex', avatarName: 'Rex', status: 'REFUSED', email: 'rex@example.com' },
    { id: 'ivy', avatarName: 'Ivy', name: 'Ivy Moor', email: 'ivy@example.com', birthDate: '1970-07-07' },
    { id: 'old', avatarName: 'Old', name: 'Olga', email: 'olga@example.com', gender: 'female' },
  ],
};

const clock = createClock(NOW);
let world: TestWorld;

const doing = async (
  caller: Parameters<TestWorld['ask']>[0],
  query: string,
  variables: Record<string, unknown> = {},
) => {
  clock.advance(1_000);
  const { data, errors } = await world.ask(caller, query, variables);
  expect(errors, query).toEqual([]);
  return data;
};
const known = async (id: string, clientId: string): Promise<string> =>
  (await doing(member(id), `{ me { partnerId(clientId: "${clientId}") } }`)).me.partnerId;
const sees = async (caller: Parameters<typeof partner>, id: string, fields: string) =>
  doing(partner(...caller), `query ($id: ID!) { user(id: $id) { ${fields} } }`, { id: await known(id, caller[0]) });

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }';
const ORDER = 'mutation ($input: OrderInput!) { placeOrder(input: $input) { order { id } } }';
const orderWith = (processor: string, lastFour: string) => ({
  ...{ processor, processorToken: `tok-${processor}`, brand: 'MC', lastFour, expiry: '2029-01' },
  billingAddress: { ...ADDRESS, street: `${lastFour} Oak Street` },
});

async function live() {
  await doing(member('new'), REGISTER, {
    input: { name: 'Nia Ko', email: 'Nia@Example.com', avatarName: 'Nia', birthDate: '1999-09-09', country: 'DE' },
  });
  await doing(member('double'), REGISTER, { input: { name: 'Dora', email: 'ada@example.com', avatarName: 'Dora' } });
  await doing(member('old'), 'mutation { correctPersonalData(input: { email: "ada@example.com" }) { user { id } } }');
  await doing(
    member('ivy'),
    'mutation { correctPersonalData(input: { avatarName: "Ivy Two", gender: "f" }) { user { id } } }',
  );
  await doing(member('ben'), ORDER, { input: orderWith('pay-a', '1111') });
  await doing(member('ben'), ORDER, { input: orderWith('pay-b', '2222') });
  const filled = (await doing(member('ben'), ORDER, { input: orderWith('pay-a', '3333') })).placeOrder.order.id;
  await doing(
    partner('pay-a', 'billing', 'name'),
    'mutation ($user: ID!, $order: ID!) { reportOrder(user: $user, order: $order, outcome: FILLED) }',
    { user: await known('ben', 'pay-a'), order: filled },
  );
  await doing(member('ada'), 'mutation { openPrivacyCase(message: "What is held?") { id } }');
  await doing(null, 'mutation { openGuardianCase(child: "Pip", contact: "parent@example.com", message: "My child") }');
  await doing(null, 'mutation { openGuardianCase(child: "Nobody", contact: "mum@example.com", message: "My child") }');
  await doing(member('ben'), 'mutation { subscribeToThread(thread: "news") }');
  await doing(null, 'mutation { subscribeToThread(thread: "news", email: "fan@example.com") }');
  await doing(null, 'mutation { subscribeToThread(thread: "news", email: "shy@example.com") }');
  const asks = (await world.mails()).filter(({ to, kind }) => kind === 'VERIFY_SUBSCRIPTION' && !to.startsWith('shy'));
  for (const { data } of asks)
    await doing(null, 'mutation ($token: String!) { verifySubscription(token: $token) }', { token: data.token });

  await sees(
    ['pay-a', 'billing', 'name billing-address payment-card card-expiry processor-token'],
    'ben',
    'name paymentCard { lastFour processorToken }',
  );
  await sees(['mailer', 'imvu-newsletter', 'name email'], 'cleo', 'name email');
  await sees(['offers', 'targeted-offers', 'name email gender birth-date'], 'ada', 'name email gender birthDate');
  await sees(['adverts', 'advertising', 'gender age-band'], 'ada', 'gender ageBand');
  await sees(['heir', 'succession', 'avatar-name photos'], 'ivy', 'avatarName photos { caption }');
  await doing(partner('mailer', 'service-notice', 'email'), '{ users(first: 20) { edges { node { id email } } } }');
  await doing(staff('legal', 'legal-process'), '{ user(id: "ada") { name email } }');
  await doing(staff('support', 'customer-support'), '{ user(id: "ada") { name age transactions { good } } }');
  await doing(staff('privacy', 'privacy-request'), '{ user(id: "ben") { email status } }');

  await doing(member('ivy'), 'mutation { deletePersonalData(categories: [GENDER, BIRTH_DATE, PHOTOS]) { deleted } }');
  await doing(member('cleo'), 'mutation { withdrawConsent(purpose: "euTransfer") { consent { inForce } } }');
  await doing(
    partner('wall', 'offer-completion', 'name'),
    'mutation { submitOfferCompletion(input: { completionId: "c1", name: "Ada Lund", email: "ada@example.com", credits: 5 }) { received } }',
  );
  await doing(null, 'mutation { recordVisit(page: "/shop", browser: FIREFOX) }');
  await doing(null, 'mutation { createDevice(input: { volume: 3 }) { id } }');

  await doing(member('gone'), REGISTER, { input: { name: 'Gil', email: 'gil@example.com', avatarName: 'Gil' } });
  await sees(['mailer', 'service-notice', 'name email'], 'gone', 'name email');
  const { confirmation } = (await doing(member('gone'), 'mutation { requestErasure { confirmation } }')).requestErasure;
  await doing(member('gone'), 'mutation ($c: String!) { eraseAccount(confirmation: $c) { erasedAt } }', {
    c: confirmation,
  });
  clock.advance(24 * HOUR);
  await doing(null, '{ statistics(table: TRANSACTIONS_BY_GENDER) { asOf } }');
}

describe.skipIf(FILE === undefined)('a database as this commit keeps it', () => {
  beforeAll(async () => {
    world = await createWorld(WORLD, { clock, store: await openTestStore() });
  });
  afterAll(() => world.close());

  test('is written to the file', async () => {
    await live();
    await world.gateway.close();
    const database = world.store.connection.getClient().db(world.store.connection.name);
    const names = (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();
    const collections: Record<string, unknown[]> = {};
    for (const name of names) collections[name] = await database.collection(name).find({}).sort({ _id: 1 }).toArray();
    const text = mongoose.mongo.BSON.EJSON.stringify(collections, undefined, 1, { relaxed: false });
    await writeFile(FILE as string, gzipSync(text, { level: 9 }));
    expect(names).toContain('people');
  });
});
