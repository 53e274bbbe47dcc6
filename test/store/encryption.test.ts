import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPersonKeys } from '../../src/store/keys.ts';
import { createSubjectId } from '../../src/subject/identifiers.ts';
import { createVault } from '../../src/subject/vault.ts';
import { proveAddress } from '../support/mailboxes.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

/** The places within people's data that were opened. */
const opened = vi.hoisted((): string[] => []);
vi.mock('../../src/store/aead.ts', async (original) => {
  const aead = await original<typeof import('../../src/store/aead.ts')>();
  return {
    ...aead,
    openBytes: (...of: Parameters<typeof aead.openBytes>) => {
      opened.push(of[1].split('/').slice(1).join('/') || of[1]);
      return aead.openBytes(...of);
    },
  };
});

const PERSON = {
  id: 'u1',
  avatarName: 'Neko',
  name: 'NameCanary',
  email: 'mail-canary@example.com',
  gender: 'GenderCanary',
  birthDate: '1971-12-13',
  country: 'US',
  postalAddress: { street: 'StreetCanary', city: 'CityCanary', postalCode: 'CodeCanary', country: 'US' },
  billingAddress: { street: 'BillCanary' },
  cellPhone: 'PhoneCanary',
  paymentCard: { brand: 'BrandCanary', lastFour: '4711', expiry: '2039-11', processorToken: 'TokenCanary' },
  photos: [{ id: 'p', url: 'https://example.com/PhotoCanary.png', caption: 'CaptionCanary' }],
  posts: [{ id: 'b', forum: 'ForumCanary', text: 'PostCanary' }],
  recentActivity: [{ id: 'a', kind: 'KindCanary', text: 'ActivityCanary' }],
  transactions: [{ id: 't', good: 'GoodCanary' }],
  consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
};

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({
    users: [PERSON, { id: 'u2', avatarName: 'Ziggy', name: 'Zed' }],
    partners: [
      {
        clientId: 'offers',
        name: 'Offers',
        kind: 'OFFERS',
        jurisdiction: 'US',
        contract: { purposes: ['targeted-offers'] },
      },
    ],
  });
  const register = `mutation { register(input: { name: "RegisteredCanary", email: "new-canary@example.com",
    avatarName: "New", gender: "NewCanary", birthDate: "1972-11-14", country: "FR" }) { user { id } } }`;
  const correct = `mutation { correctPersonalData(input: { name: "CorrectedCanary", email: "late-canary@example.com",
    cellPhone: "LatePhoneCanary", birthDate: "1973-10-15" }) { user { id } } }`;
  await world.ask(member('u9'), register);
  await world.ask(member('u1'), correct);
  await proveAddress(world, 'late-canary@example.com');
  await world.ask(member('u2'), 'mutation { submitPost(forum: "SaidCanary", text: "WrittenCanary") { __typename } }');
});
afterAll(() => world.close());
beforeEach(() => {
  opened.length = 0;
});

const database = () => world.store.connection.getClient().db(world.store.connection.name);

describe('security.safeguards: personal values are encrypted at rest', () => {
  test('no collection holds a personal value in the clear', async () => {
    const collections = await database().listCollections({}, { nameOnly: true }).toArray();
    for (const { name } of collections) {
      const text = JSON.stringify(await database().collection(name).find({}).toArray());
      expect(text, name).not.toMatch(/canary|4711|2039-11|19(71-12-13|72-11-14|73-10-15)/i);
    }
  });

  test('every category is sealed for itself, under another nonce each time', async () => {
    const person = (await database().collection('people').findOne({ publicId: 'u1' })) as unknown as {
      values: Record<string, string>;
      billings: { values: Record<string, string> }[];
    };
    const seals = [person.values, ...person.billings.map(({ values }) => values)].flatMap(Object.values);
    expect(seals.length).toBeGreaterThan(10);
    for (const seal of seals) expect(seal).toMatch(/^[A-Za-z0-9+/]{38,}={0,2}$/);
    expect(new Set(seals.map((seal) => seal.slice(0, 16))).size).toBe(seals.length);
  });

  const sid = createSubjectId();
  const key = Buffer.alloc(32, 1);
  const sealed = createVault(sid, key).seal('EMAIL', 'a@example.com');
  const flipped = (at: number) => {
    const bytes = Buffer.from(sealed, 'base64');
    bytes[at] = (bytes[at] as number) ^ 1;
    return bytes.toString('base64');
  };

  test('a seal opens at its own place', () => {
    expect(createVault(sid, key).open('EMAIL', sealed)).toBe('a@example.com');
  });

  test.each([
    { name: 'at another place of the same person', open: () => createVault(sid, key).open('NAME', sealed) },
    { name: 'as another person’s', open: () => createVault(createSubjectId(), key).open('EMAIL', sealed) },
    { name: 'under another key', open: () => createVault(sid, Buffer.alloc(32, 2)).open('EMAIL', sealed) },
    { name: 'with a bit of the nonce changed', open: () => createVault(sid, key).open('EMAIL', flipped(0)) },
    { name: 'with a bit of the value changed', open: () => createVault(sid, key).open('EMAIL', flipped(14)) },
    {
      name: 'with a bit of the tag changed',
      open: () => createVault(sid, key).open('EMAIL', flipped(Buffer.from(sealed, 'base64').length - 1)),
    },
    { name: 'cut short', open: () => createVault(sid, key).open('EMAIL', sealed.slice(0, 20)) },
  ])('and not $name', ({ open }) => {
    expect(open).toThrow();
  });

  test('a value moved to another place is an error, and shows nothing', async () => {
    const people = database().collection<{ publicId: string; values: Record<string, string> }>('people');
    const [one, two] = await Promise.all(['u1', 'u2'].map((publicId) => people.findOne({ publicId })));
    await people.updateOne({ publicId: 'u2' }, { $set: { 'values.NAME': one?.values.NAME ?? '' } });
    const { data, errors } = await world.ask(member('u2'), '{ me { name } }');
    await people.updateOne({ publicId: 'u2' }, { $set: { 'values.NAME': two?.values.NAME ?? '' } });
    expect(data).toEqual({ me: { name: null } });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL']);
  });
});

describe('security.safeguards: a denied value is never decrypted', () => {
  const ALL = 'name email gender birthDate age cellPhone postalAddress { city } photos { id } posts { id }';
  const offers = (scope: string) => partner('offers', 'targeted-offers', scope);

  test('a caller with every sealed category denied opens nothing, not even the key', async () => {
    const { data } = await world.ask(null, `{ user(id: "u1") { avatarName ${ALL} } }`);
    expect(data.user.avatarName).toBe('Neko');
    expect(opened).toEqual([]);
  });

  test('a caller with one category revealed opens that alone', async () => {
    const { data } = await world.ask(offers('email'), `{ users { edges { node { ${ALL} } } } }`);
    expect(data.users.edges[0].node.email).toBe('late-canary@example.com');
    expect(opened.filter((place) => !place.startsWith('key of'))).toEqual(['EMAIL']);
  });

  test('a permitted value that nobody asks for stays sealed', async () => {
    await world.ask(offers('email name gender'), '{ users { edges { node { gender } } } }');
    expect(opened.filter((place) => !place.startsWith('key of'))).toEqual(['GENDER']);
  });

  test('the key of a person hidden from the caller is not even fetched', async () => {
    await world.ask(staff('privacy', 'privacy-request'), `{ user(id: "u1") { ${ALL} } }`);
    expect(opened).toEqual([]);
  });
});

describe('security.safeguards: keys', () => {
  const kek = Buffer.alloc(32, 9);

  test('each person has a key of their own, wrapped, and kept apart from the sealed values', async () => {
    const keys = await database().collection<{ wrapped: string }>('person_keys').find({}).toArray();
    expect(keys).toHaveLength(3);
    const plain = await createPersonKeys(world.store, kek).find(keys.map(({ _id }) => String(_id)));
    const texts = [...plain.values()].map((key) => key.toString('base64'));
    expect(new Set(texts).size).toBe(3);
    const all = JSON.stringify(keys);
    for (const text of texts) expect(all).not.toContain(text);
  });

  test('without a key nothing of its person can be read, and the answer shows nothing', async () => {
    const keys = database().collection<{ _id: string; wrapped: string }>('person_keys');
    const person = await database().collection('people').findOne({ publicId: 'u2' });
    const kept = await keys.findOne({ _id: String(person?._id) });
    await keys.deleteOne({ _id: String(person?._id) });
    const { data, errors } = await world.ask(member('u2'), '{ me { name } }');
    if (kept) await keys.insertOne(kept);
    expect(data ?? null).toBeNull();
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UNAVAILABLE']);
  });
});
