import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createConfirmations } from '../../src/features/erasure/confirmations.ts';
import { createErasure } from '../../src/features/erasure/operations.ts';
import { createServices } from '../../src/gateway/services.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { openStore } from '../../src/store/mongo/connection.ts';
import { createClock } from '../support/clock.ts';
import { createDisk } from '../support/engines.ts';
import { proveAddress } from '../support/mailboxes.ts';
import { quiet } from '../support/store.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const self = member('u1');
const offers = partner('offers', 'targeted-offers', 'name email gender');
const PERSON = {
  id: 'u1',
  avatarName: 'AvatarCanary',
  name: 'NameCanary',
  email: 'mail-canary@example.com',
  gender: 'GenderCanary',
  birthDate: '1971-12-13',
  country: 'US',
  postalAddress: { street: 'StreetCanary', city: 'CityCanary', country: 'US' },
  billingAddress: { street: 'BillCanary' },
  cellPhone: 'PhoneCanary',
  paymentCard: { brand: 'BrandCanary', lastFour: '4711', expiry: '2039-11', processorToken: 'TokenCanary' },
  photos: [{ id: 'p', url: 'https://example.com/PhotoCanary.png', caption: 'CaptionCanary' }],
  posts: [{ id: 'b', text: 'PostCanary' }],
  recentActivity: [{ id: 'a', text: 'ActivityCanary' }],
  transactions: [{ id: 't', good: 'GoodCanary' }],
  orders: [{ id: 'o', processor: 'pay', status: 'FILLED' }],
  consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
  privacyCases: [{ id: 'c' }],
};
const WORLD = {
  users: [PERSON, { id: 'u2', avatarName: 'Ziggy' }],
  partners: [
    {
      clientId: 'offers',
      name: 'Offers',
      kind: 'OFFERS',
      jurisdiction: 'US',
      contract: { purposes: ['targeted-offers'] },
    },
    { clientId: 'pay', name: 'Pay', kind: 'PAYMENT_PROCESSOR', jurisdiction: 'US' },
  ],
};

let world: TestWorld;
let clock: ReturnType<typeof createClock>;
beforeEach(async () => {
  await world?.close();
  clock = createClock('2026-03-10T12:00:00.000Z');
  world = await createWorld(WORLD, { clock });
});
afterAll(() => world.close());

const database = (of = world) => of.store.connection.getClient().db(of.store.connection.name);
const REQUEST = 'mutation { requestErasure { confirmation deadline } }';
const ERASE = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
const request = async (caller = self, of = world) => (await of.ask(caller, REQUEST)).data.requestErasure;
const confirm = (confirmation: string, caller = self, of = world) => of.ask(caller, ERASE, { confirmation });
const sidOf = async (id: string) => String((await database().collection('people').findOne({ publicId: id }))?._id);

const isGone = async (sid: string) => {
  expect((await world.ask(self, '{ me { id } }')).status).toBe(401);
  for (const caller of [null, member('u2'), staff('privacy', 'privacy-request'), staff('support', 'customer-support')])
    expect((await world.ask(caller, '{ user(id: "u1") { id avatarName } }')).data.user).toBeNull();
  expect((await world.ask(null, '{ user(avatarName: "AvatarCanary") { id } }')).data.user).toBeNull();
  expect((await world.ask(offers, '{ users { edges { node { id } } } }')).data.users.edges).toEqual([]);
  for (const { name } of await database().listCollections({}, { nameOnly: true }).toArray())
    if (!['person_ledger', 'disclosure_books', 'audit_books'].includes(name))
      expect([
        name,
        await database()
          .collection(name)
          .countDocuments({ $or: [{ sid }, { _id: sid as never }] }),
      ]).toEqual([name, name === 'tombstones' ? 1 : 0]);
  expect((await verify(world.store)).faults).toEqual([]);
};

describe('rights.deletion: a person is erased in two steps', () => {
  test('asking changes nothing; confirming in time erases', async () => {
    const sid = await sidOf('u1');
    const { confirmation, deadline } = await request();
    expect(deadline).toBe('2026-03-10T12:15:00.000Z');
    expect((await world.ask(self, '{ me { name } }')).data.me.name).toBe('NameCanary');
    clock.set('2026-03-10T12:14:59.999Z');
    const { data, errors } = await confirm(confirmation);
    expect(errors).toEqual([]);
    expect(data.eraseAccount).toEqual({ erasedAt: '2026-03-10T12:14:59.999Z' });
    await isGone(sid);
  });

  test.each([
    { name: 'after the deadline', at: '2026-03-10T12:15:00.000Z', change: (text: string) => text },
    {
      name: 'with a bit changed',
      at: '2026-03-10T12:01:00.000Z',
      change: (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`,
    },
    { name: 'with nothing', at: '2026-03-10T12:01:00.000Z', change: () => '' },
  ])('a confirmation $name erases nothing', async ({ at, change }) => {
    const { confirmation } = await request();
    clock.set(at);
    const { errors } = await confirm(change(confirmation));
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'confirmation' });
    expect((await world.ask(self, '{ me { name } }')).data.me.name).toBe('NameCanary');
  });

  test('the confirmation of one person is no good for another', async () => {
    const { confirmation } = await request(member('u2'));
    expect((await confirm(confirmation)).errors[0]?.extensions.code).toBe('BAD_INPUT');
  });

  test.each([
    { name: 'nobody', caller: null },
    { name: 'a partner', caller: offers },
    { name: 'privacy staff', caller: staff('privacy', 'privacy-request') },
  ])('$name can neither ask nor confirm', async ({ caller }) => {
    expect((await world.ask(caller, REQUEST)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await world.ask(caller, ERASE, { confirmation: '' })).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('the id is never given out again, by registration or by a world file', async () => {
    await confirm((await request()).confirmation);
    const register =
      'mutation { register(input: { name: "A", email: "a@example.com", avatarName: "A" }) { user { id } } }';
    expect((await world.ask(self, register)).status).toBe(401);
    await expect(world.load({ users: [{ id: 'u1', avatarName: 'Again' }] })).rejects.toThrow('u1');
  });

  test('the address is free for others, and the avatar name is never given again', async () => {
    await confirm((await request()).confirmation);
    const register = (avatarName: string) =>
      world.ask(
        member('u9'),
        `mutation { register(input: { name: "A", email: "mail-canary@example.com", avatarName: "${avatarName}" }) { user { id } } }`,
      );
    const { errors } = await register('avatarcanary');
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'input.avatarName' });
    expect((await register('Another')).errors).toEqual([]);
    await proveAddress(world, 'mail-canary@example.com');
    expect((await world.ask(member('u9'), '{ me { emailProven } }')).data.me).toEqual({ emailProven: true });
  });

  test('nothing tells the former owner of the avatar name', async () => {
    const names = () => database().collection('name_claims').find().toArray();
    const before = await names();
    expect(before.every((claim) => 'holder' in claim)).toBe(true);
    await confirm((await request()).confirmation);
    const after = await names();
    expect(after.map(({ _id }) => _id)).toEqual(before.map(({ _id }) => _id));
    expect(after.filter((claim) => !('holder' in claim))).toHaveLength(2);
    expect(await database().collection('mailboxes').countDocuments()).toBe(0);
  });

  test('letters to the privacy officer go too', async () => {
    await world.ask(self, 'mutation { openPrivacyCase(message: "A question") { id } }');
    expect(await database().collection('privacy_case_texts').countDocuments()).toBe(1);
    await confirm((await request()).confirmation);
    expect(await database().collection('privacy_case_texts').countDocuments()).toBe(0);
  });

  test('waiting mail goes too, and no copy of the mail or of the letters can be read', async () => {
    await world.ask(self, 'mutation { openPrivacyCase(message: "A question") { id } }');
    await world.ask(self, 'mutation { subscribeToThread(thread: "welcome") }');
    const held = async () =>
      Promise.all(['privacy_case_texts', 'outgoing_mail'].map((name) => database().collection(name).find().toArray()));
    const copies = await held();
    expect((await world.mails()).map(({ to }) => to)).toEqual(['mail-canary@example.com']);
    await confirm((await request()).confirmation);
    expect(await held()).toEqual([[], []]);
    await database()
      .collection('outgoing_mail')
      .insertMany(copies[1] ?? []);
    expect(await world.mails()).toEqual([]);
  });

  test('every recipient is told to erase everything', async () => {
    const shown = await world.ask(offers, '{ users { edges { node { id email } } } }');
    await confirm((await request()).confirmation);
    const { data } = await world.ask(offers, '{ erasureNotices { personId categories everything } }');
    expect(data.erasureNotices).toEqual([
      { personId: shown.data.users.edges[0].node.id, categories: ['EMAIL'], everything: true },
    ]);
  });
});

describe('rights.deletion: an erasure that is cut off is finished later', () => {
  const steps = ['settle', 'raise', 'destroy', 'notify', 'disown', 'forget'] as const;
  test.each(steps)('at the step %s', async (step) => {
    const sid = await sidOf('u1');
    await world.ask(offers, '{ users { edges { node { email } } } }');
    const sharedSecret = Buffer.alloc(32, 7);
    const options = { store: world.store, table: world.table, clock, log: quiet, sharedSecret };
    const services = createServices({ ...options, keyEncryptionKey: Buffer.alloc(32, 9) });
    const cut = <S extends object>(service: S): S =>
      step in service ? { ...service, [step]: () => Promise.reject(new Error('power cut')) } : service;
    const confirmations = createConfirmations(sharedSecret);
    const erasure = createErasure({
      store: world.store,
      clock,
      confirmations,
      changes: cut(services.changes),
      mailboxes: services.mailboxes,
      nameClaims: cut(services.nameClaims),
      keys: cut(services.keys),
      notices: cut(services.erasureNotices),
      personTies: services.personTies,
      publicIds: cut(services.publicIds),
      suppressions: services.suppressions,
      tombstones: cut(services.tombstones),
    });
    await expect(erasure.confirm(sid, erasure.request(sid).confirmation)).rejects.toThrow('power cut');
    expect((await world.ask(self, '{ me { id } }')).status).toBe(401);
    expect((await world.ask(null, '{ user(id: "u1") { id } }')).data.user).toBeNull();
    expect((await verify(world.store)).faults).toEqual([]);
    await world.gateway.sweep();
    await world.gateway.sweep();
    await isGone(sid);
    const { data } = await world.ask(offers, '{ erasureNotices { everything } }');
    expect(data.erasureNotices).toEqual([{ everything: true }]);
  });
});

describe('security.safeguards: nothing of an erased person can be read from the disk', () => {
  const disk = createDisk();
  afterAll(() => disk.clear());

  const SEALED =
    'NameCanary|mail-canary|GenderCanary|1971-12-13|StreetCanary|CityCanary|BillCanary|PhoneCanary|BrandCanary|2039-11|TokenCanary|PhotoCanary|CaptionCanary|PostCanary|ActivityCanary|GoodCanary|QuestionCanary';

  /** Files below a directory with any of the words in their bytes; a database may keep the words compressed. */
  const filesWith = async (words: string, dir: string): Promise<string[]> => {
    const { stdout } = await promisify(execFile)('grep', ['-rlaE', words, dir]).catch((error) => error);
    return String(stdout).split('\n').filter(Boolean);
  };
  /** The database itself is asked for everything, which undoes any compression. */
  const dump = async (of: TestWorld) => {
    const collections = await database(of).listCollections({}, { nameOnly: true }).toArray();
    const found = await Promise.all(collections.map(({ name }) => database(of).collection(name).find({}).toArray()));
    return JSON.stringify(found);
  };

  const UNHURRIED = { timeout: 120_000 };
  test(
    'sealed values never lie there in the clear; after the erasure nothing does, and the key is gone',
    UNHURRIED,
    async () => {
      const dataDir = await disk.dir();
      const lines: string[] = [];
      const note = (...line: unknown[]) => void lines.push(JSON.stringify(line));
      const log = { info: note, warn: note, error: note } as never;
      const store = await openStore({ dataDir, log });
      const own = await createWorld(WORLD, { store: { ...store, drop: async () => {} } });
      try {
        await database(own).collection('control').insertOne({ word: 'ControlWord' });
        await own.ask(offers, '{ users { edges { node { name email gender } } } }');
        await own.ask(self, 'mutation { openPrivacyCase(message: "QuestionCanary") { id } }');
        await own.ask(self, 'mutation { subscribeToThread(thread: "t") }');
        await own.ask(self, 'mutation { requestExport }');
        await own.ask(self, 'mutation { correctPersonalData(input: { name: "LaterNameCanary" }) { user { name } } }');
        expect(await dump(own)).toContain('AvatarCanary');
        expect(await dump(own)).not.toMatch(new RegExp(SEALED));
        await confirm((await request(self, own)).confirmation, self, own);
        expect(await dump(own)).not.toMatch(new RegExp(`${SEALED}|Canary`));
        const { faults } = await verify(store);
        expect(faults).toEqual([]);
      } finally {
        await own.close();
        await store.connection.getClient().db('admin').command({ fsync: 1 });
        await store.close();
      }
      expect(await filesWith('ControlWord', dataDir)).not.toEqual([]);
      // The avatar name is public and was in the clear: pages and journal may hold it until they are used again.
      expect(await filesWith(SEALED, dataDir)).toEqual([]);
      expect(lines.join('\n')).not.toMatch(/Canary/i);
    },
  );
});
