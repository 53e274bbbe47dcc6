import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { requirePresentForm } from '../../src/migrations/form.ts';
import { migrate, type StepMade } from '../../src/migrations/migrate.ts';
import { STEPS } from '../../src/migrations/steps.ts';
import {
  AUDIT_BOOKS,
  BOOK_HEADS,
  DISCLOSURE_BOOKS,
  PERSON_LEDGER,
  TOMBSTONES,
} from '../../src/store/mongo/collections.ts';
import { createClock } from '../support/clock.ts';
import { openTestStore, quiet, type TestStore } from '../support/store.ts';
import { createWorld, KEYS, member, partner, staff, type TestWorld } from '../support/world.ts';
import { contentsOf, openWritten } from './support.ts';

const LEDGERS = [PERSON_LEDGER, DISCLOSURE_BOOKS, AUDIT_BOOKS, BOOK_HEADS, TOMBSTONES];
const clock = createClock('2026-11-22T09:00:00.000Z');

const migrateStore = async (store: TestStore) => {
  const told: StepMade[] = [];
  await migrate({ store, ...KEYS, clock, log: quiet }, (made) => void told.push(made));
  return told;
};

describe('the form of a database', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.drop());

  test('a new database has the present form', async () => {
    await requirePresentForm(store);
    expect((await migrateStore(store)).map(({ changed }) => changed)).toEqual(STEPS.map(() => null));
  });

  test('a database with a step that this program does not know is refused', async () => {
    const marks = store.connection.getClient().db(store.connection.name).collection<{ _id: string }>('gateway_marks');
    await marks.updateOne({ _id: 'form' }, { $push: { steps: 'a-later-step' } as never });
    await expect(requirePresentForm(store)).rejects.toThrow(/has the form of a later version/);
  });
});

describe('a database that the version before wrote', () => {
  let store: TestStore;
  let before: Record<string, string[]>;
  let told: StepMade[];
  beforeAll(async () => {
    store = await openWritten();
    before = await contentsOf(store, LEDGERS);
  });
  afterAll(() => store.drop());

  test('is refused until it was migrated', async () => {
    await expect(requirePresentForm(store)).rejects.toThrow(/form of an earlier version.*assent store migrate/);
  });

  test('is brought to the present form, and each step tells how much it changed', async () => {
    told = await migrateStore(store);
    expect(told.map(({ step }) => step.id)).toEqual(STEPS.map(({ id }) => id));
    expect(told.every(({ changed }) => changed !== null)).toBe(true);
    await requirePresentForm(store);
  });

  test('keeps every ledger, book and tombstone as it was', async () => {
    expect(await contentsOf(store, LEDGERS)).toEqual(before);
    expect((await verify(store)).faults).toEqual([]);
  });

  test('has no claim and no index of the earlier form', async () => {
    const database = store.connection.getClient().db(store.connection.name);
    const names = (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
    expect(names).not.toContain('claims');
    // nine people, one with a former name: a claim for each name, and for its look
    expect(await database.collection('name_claims').countDocuments({ _id: /^NAME:/ as never })).toBe(10);
    expect(await database.collection('mailboxes').countDocuments()).toBe(7);
  });

  test('is left alone by a second migration', async () => {
    const first = await contentsOf(store);
    expect((await migrateStore(store)).every(({ changed }) => changed === null)).toBe(true);
    expect(await contentsOf(store)).toEqual(first);
  });

  test('is left alone by steps that are cut off before they are on record, and made again', async () => {
    const first = await contentsOf(store);
    for (const step of STEPS) await step.run({ store, ...KEYS, clock, log: quiet });
    expect(await contentsOf(store)).toEqual(first);
  });
});

describe('a migrated database is read by every kind of caller', () => {
  let world: TestWorld;
  beforeAll(async () => {
    const store = await openWritten();
    await migrateStore(store);
    world = await createWorld({}, { store, clock });
  });
  afterAll(async () => {
    await world.close();
    await world.store.drop();
  });

  const ask = async (caller: CallerClaims | null, query: string, variables = {}) => {
    const { data, errors } = await world.ask(caller, query, variables);
    expect(errors).toEqual([]);
    return data;
  };
  const idFor = async (clientId: string, id: string) =>
    (await ask(member(id), `{ me { partnerId(clientId: "${clientId}") } }`)).me.partnerId;

  test.each([
    { name: 'a visitor', caller: null, id: 'ada', fields: 'avatarName', sees: { avatarName: 'Ada' } },
    {
      name: 'another member',
      caller: member('ben'),
      id: 'ada',
      fields: 'avatarName photos { caption } posts { text }',
      sees: { avatarName: 'Ada', photos: [{ caption: 'One' }], posts: [{ text: 'Hello' }] },
    },
    {
      name: 'support staff',
      caller: staff('support', 'customer-support'),
      id: 'ada',
      fields: 'name email age transactions { good }',
      sees: { name: 'Ada Lund', email: 'ada@example.com', age: 36, transactions: [{ good: 'Wings' }] },
    },
    {
      name: 'an analyst',
      caller: staff('analyst', 'internal-analysis'),
      id: 'ada',
      fields: 'name gender',
      sees: { name: 'Ada Lund', gender: 'female' },
    },
    {
      name: 'privacy staff',
      caller: staff('privacy', 'privacy-request'),
      id: 'ben',
      fields: 'name email status privacyCases { status }',
      sees: { name: 'Ben Oak', email: 'Ben.Oak@Example.com', status: 'ACTIVE', privacyCases: [{ status: 'OPEN' }] },
    },
    {
      name: 'legal staff',
      caller: staff('legal', 'legal-process'),
      id: 'ada',
      fields: 'name email',
      sees: { name: 'Ada Lund', email: 'ada@example.com' },
    },
  ])('$name', async ({ caller, id, fields, sees }) => {
    const { user } = await ask(caller, `query ($id: ID!) { user(id: $id) { ${fields} } }`, { id });
    expect(user).toEqual(sees);
  });

  test.each([
    {
      // the card and the address that were held were given to pay-a, with an order that is filled
      ...{
        clientId: 'pay-b',
        purpose: 'billing',
        scope: 'name billing-address payment-card card-expiry processor-token',
      },
      id: 'ben',
      fields: 'name billingAddress { street } paymentCard { brand lastFour expiry processorToken }',
      sees: {
        name: 'Ben Oak',
        billingAddress: null,
        paymentCard: { brand: null, lastFour: null, expiry: null, processorToken: 'tok-pay-b' },
      },
    },
    {
      ...{ clientId: 'pay-a', purpose: 'billing', scope: 'billing-address payment-card processor-token' },
      id: 'ben',
      fields: 'billingAddress { street } paymentCard { lastFour processorToken }',
      sees: { billingAddress: null, paymentCard: { lastFour: null, processorToken: 'tok-pay-a' } },
    },
    ...['pay-a', 'pay-b'].map((clientId) => ({
      // a world file gave it, for every order
      ...{ clientId, purpose: 'billing', scope: 'billing-address payment-card card-expiry processor-token' },
      id: 'ada',
      fields: 'billingAddress { street } paymentCard { lastFour expiry processorToken }',
      sees: {
        billingAddress: { street: '1 Elm Street' },
        paymentCard: { lastFour: '4242', expiry: '2028-09', processorToken: 'tok-ada' },
      },
    })),
    {
      ...{ clientId: 'mailer', purpose: 'imvu-newsletter', scope: 'name email' },
      id: 'ada',
      fields: 'name email',
      sees: { name: 'Ada Lund', email: 'ada@example.com' },
    },
    {
      ...{ clientId: 'offers', purpose: 'targeted-offers', scope: 'gender birth-date' },
      id: 'ada',
      fields: 'gender birthDate',
      sees: { gender: 'female', birthDate: '1990-02-03' },
    },
    {
      ...{ clientId: 'adverts', purpose: 'advertising', scope: 'gender age-band' },
      id: 'ada',
      fields: 'gender ageBand',
      sees: { gender: 'female', ageBand: 'AGE_35_49' },
    },
    {
      ...{ clientId: 'brand', purpose: 'co-branded-service', scope: 'name email' },
      id: 'ada',
      fields: 'name email',
      sees: { name: 'Ada Lund', email: 'ada@example.com' },
    },
    {
      ...{ clientId: 'network', purpose: 'activity-posting', scope: 'activity' },
      id: 'ada',
      fields: 'recentActivity { text }',
      sees: { recentActivity: [{ text: 'made a friend' }] },
    },
    {
      ...{ clientId: 'heir', purpose: 'succession', scope: 'avatar-name transactions' },
      id: 'ada',
      fields: 'avatarName transactions { good }',
      sees: { avatarName: 'Ada', transactions: [{ good: 'Wings' }] },
    },
  ])('the partner $clientId for $purpose, of $id', async ({ clientId, purpose, scope, id, fields, sees }) => {
    const caller = partner(clientId, purpose, scope);
    const { user } = await ask(caller, `query ($id: ID!) { user(id: $id) { ${fields} } }`, {
      id: await idFor(clientId, id),
    });
    expect(user).toEqual(sees);
  });

  test.each([
    { name: 'an address that was in force counts as proven', id: 'new', email: 'Nia@Example.com', emailProven: true },
    {
      name: 'an address that was another’s stays unproven',
      id: 'double',
      email: 'ada@example.com',
      emailProven: false,
    },
    { name: 'also of a person with another address before', id: 'old', email: 'ada@example.com', emailProven: false },
  ])('$name', async ({ id, email, emailProven }) => {
    expect((await ask(member(id), '{ me { email emailProven } }')).me).toEqual({ email, emailProven });
  });

  test.each([
    { asked: 'ada', found: 'ada' },
    { asked: 'cleo', found: 'cleo' },
    { asked: 'BEN ō', found: 'ben' },
    { asked: 'ivy two', found: 'ivy' },
    { asked: 'ivy', found: null },
    { asked: 'pip', found: null },
  ])('a look-up by name folds it: $asked', async ({ asked, found }) => {
    const { user } = await ask(null, 'query ($asked: String) { user(avatarName: $asked) { id } }', { asked });
    expect(user?.id ?? null).toBe(found);
  });

  test.each([
    { name: 'a name that somebody has', avatarName: 'ADA' },
    { name: 'one that looks like it', avatarName: 'Аdа' },
    { name: 'one that nobody may see', avatarName: 'PIP' },
    { name: 'one that somebody had before', avatarName: 'Ivy' },
  ])('registration refuses $name', async ({ avatarName }) => {
    const { errors } = await world.ask(
      member('late'),
      'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }',
      { input: { name: 'Lou', email: 'lou@example.com', avatarName } },
    );
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'input.avatarName' });
  });

  test('an address that is proven gets no link for another account', async () => {
    await ask(member('double'), 'mutation { requestEmailProof }');
    const mails = (await world.mails()).filter(({ to }) => to === 'ada@example.com');
    expect(mails.at(-1)).toMatchObject({ kind: 'ADDRESS_TAKEN', data: {} });
  });

  test('the person, with the whole record and its disclosures', async () => {
    const { me } = await ask(
      member('ada'),
      '{ me { name email birthDate gender billingAddress { street } country thirdPartyShares { purpose categories } } }',
    );
    expect(me).toMatchObject({
      ...{ name: 'Ada Lund', email: 'ada@example.com', birthDate: '1990-02-03', gender: 'female', country: 'US' },
      billingAddress: { street: '1 Elm Street' },
    });
    expect(me.thirdPartyShares).toContainEqual({
      purpose: 'targeted-offers',
      categories: ['NAME', 'EMAIL', 'GENDER', 'BIRTH_DATE'],
    });
  });

  test('a person with the newest card from a filled order', async () => {
    const { me } = await ask(
      member('ben'),
      '{ me { paymentCard { lastFour expiry } billingAddress { street } orders { status processor { clientId } paymentCard { lastFour } } } }',
    );
    expect(me).toMatchObject({
      paymentCard: { lastFour: '3333', expiry: '2029-01' },
      billingAddress: { street: '3333 Oak Street' },
      orders: [
        { status: 'OPEN', processor: { clientId: 'pay-a' }, paymentCard: { lastFour: null } },
        { status: 'OPEN', processor: { clientId: 'pay-b' }, paymentCard: { lastFour: null } },
        { status: 'FILLED', processor: { clientId: 'pay-a' }, paymentCard: null },
      ],
    });
  });

  test('the partner with a notice of a deletion', async () => {
    const heir = partner('heir', 'succession', 'avatar-name photos');
    const { erasureNotices } = await ask(heir, '{ erasureNotices { asked categories purpose everything } }');
    const ofDeletions = erasureNotices.filter(({ asked }: { asked: string }) => asked === 'ERASE');
    expect(ofDeletions).toEqual([{ asked: 'ERASE', categories: ['PHOTOS'], purpose: null, everything: false }]);
  });

  test('every ledger is sound after further acts', async () => {
    await ask(member('ada'), 'mutation { withdrawConsent(purpose: "targetedOffers") { consent { inForce } } }');
    await ask(member('ben'), 'mutation { updatePreferences(input: { adTargeting: false }) { user { id } } }');
    await world.gateway.sweep();
    expect((await verify(world.store)).faults).toEqual([]);
  });
});
