import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDeletion } from '../../src/features/erasure/deletion.ts';
import { createServices } from '../../src/gateway/services.ts';
import {
  createDisclosureBook,
  createDisclosureFollower,
  type DisclosureEntry,
} from '../../src/ledger/disclosure/disclosure.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, HOUR } from '../support/clock.ts';
import { noticesAbout, partnerIdsOf } from '../support/notices.ts';
import { quiet } from '../support/store.ts';
import { createWorld, member, partner, type TestWorld } from '../support/world.ts';

const self = member('u1');
const offers = partner('offers', 'targeted-offers', 'name gender birth-date');
const mailer = partner('mailer', 'creator-notification', 'postal-address cell-phone');
const WORLD = {
  users: [
    {
      ...{ id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@mail.example' },
      ...{ gender: 'female', birthDate: '1990-02-03', cellPhone: '+1 555 0100', country: 'US' },
      consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
    },
  ],
  partners: [
    {
      ...{ clientId: 'offers', name: 'Offers', kind: 'OFFERS', jurisdiction: 'US' },
      contract: { purposes: ['targeted-offers'] },
    },
    {
      ...{ clientId: 'mailer', name: 'Mailer', kind: 'EMAIL_PROVIDER', jurisdiction: 'US' },
      contract: { purposes: ['creator-notification'] },
    },
  ],
};
const START = '2026-03-10T12:00:00.000Z';

// It stands still, so that times tell nothing apart.
const clock = createClock(START);
const otherClock = createClock(START);
let world: TestWorld;
let personIds: readonly string[];
/** Another gateway over the same database, with a clock of its own. */
let other: TestWorld;
beforeAll(async () => {
  world = await createWorld({}, { clock });
  other = await createWorld({}, { clock: otherClock, store: { ...world.store, drop: async () => {} } });
});
beforeEach(async () => {
  clock.set(START);
  otherClock.set(START);
  await resetWorld(world.store);
  await world.load(WORLD);
  personIds = await partnerIdsOf(world, self, ['offers', 'mailer']);
});
afterAll(async () => {
  await other.close();
  await world.close();
});

const collection = (name: string) =>
  world.store.connection.getClient().db(world.store.connection.name).collection(name);
const findPerson = async () =>
  (await collection('people').findOne({ publicId: 'u1' })) as unknown as {
    readonly _id: string;
    readonly ledger: { readonly head: { readonly n: number }; readonly untold?: number };
  };

const read = async (fields: string, caller = offers, through = world) => {
  const { data, errors } = await through.ask(caller, `{ users { edges { node { ${fields} } } } }`);
  expect(errors).toEqual([]);
  return data.users.edges[0]?.node;
};
const remove = async (...categories: string[]) => {
  const query = 'mutation ($categories: [DataCategory!]!) { deletePersonalData(categories: $categories) { deleted } }';
  expect((await world.ask(self, query, { categories })).errors).toEqual([]);
};
const erase = async () => {
  const { data } = await world.ask(self, 'mutation { requestErasure { confirmation } }');
  const query = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
  expect((await world.ask(self, query, data.requestErasure)).errors).toEqual([]);
};
const give = async (input: string) => {
  const { errors } = await world.ask(self, `mutation { correctPersonalData(input: { ${input} }) { user { id } } }`);
  expect(errors).toEqual([]);
};
interface Notice {
  readonly id: string;
  readonly asked: string;
  readonly categories: readonly string[];
  readonly everything: boolean;
  readonly at: string;
}
const noticesOf = async (caller = offers): Promise<Notice[]> =>
  (await noticesAbout(world, caller, personIds, 'id asked categories everything at')).filter(
    ({ asked }: Notice) => asked === 'ERASE',
  );
const told = async (caller = offers) => (await noticesOf(caller)).map(({ categories }) => categories);
const acknowledge = async (id: string) =>
  (await world.ask(offers, 'mutation ($id: ID!) { acknowledgeErasure(id: $id) }', { id })).errors;
const acknowledgeAll = async () => {
  for (const { id } of await noticesOf()) expect(await acknowledge(id)).toEqual([]);
};

/** The last disclosure on record. */
async function findLast(): Promise<DisclosureEntry> {
  const [last] = await collection('disclosure_books')
    .find({ type: 'ENTRIES' })
    .sort({ $natural: -1 })
    .limit(1)
    .toArray();
  return last?.entries.at(-1);
}

/** Puts a disclosure on record as a gateway would that ended at once, before it could look for erasures. */
async function recordLate(entry: DisclosureEntry) {
  const { begin } = createDisclosureFollower({ ...world.store, log: quiet, follow: async () => {} });
  const book = createDisclosureBook({ ...world.store, clock, log: quiet, follower: { begin, note: () => {} } });
  await book.record([{ ...entry, requestId: 'late' }]);
}

describe('rights.deletion: a notice covers data shown before a deletion, and not data given anew', () => {
  test('in one instant, over and over', async () => {
    for (const gender of ['other', 'male']) {
      await read('gender');
      await remove('GENDER');
      expect(await told()).toEqual([['GENDER']]);
      await acknowledgeAll();
      await give(`gender: "${gender}"`);
      expect(await read('gender')).toEqual({ gender });
      await remove('BIRTH_DATE');
      expect(await told()).toEqual([]);
    }
  });

  test.each([
    { name: 'an hour ahead', off: HOUR },
    { name: 'an hour behind', off: -HOUR },
  ])('where the clock of the gateway that shows it is $name', async ({ off }) => {
    otherClock.advance(off);
    expect(await read('gender', offers, other)).toEqual({ gender: 'female' });
    await remove('GENDER');
    expect(await noticesOf()).toMatchObject([{ categories: ['GENDER'], at: START }]);
    await acknowledgeAll();
    await give('gender: "other"');
    expect(await read('gender', offers, other)).toEqual({ gender: 'other' });
    await remove('GENDER');
    expect(await told()).toEqual([['GENDER']]);
  });

  test('a waiting notice does not grow by data given anew', async () => {
    await read('gender');
    await remove('GENDER');
    const before = await noticesOf();
    await give('gender: "other"');
    await read('gender');
    expect(await noticesOf()).toEqual(before);
  });

  test('a category that was shown beside an erased one is told once it is deleted itself', async () => {
    await read('gender birthDate');
    await remove('GENDER');
    await acknowledgeAll();
    clock.advance(HOUR);
    await remove('BIRTH_DATE');
    expect(await told()).toEqual([['BIRTH_DATE']]);
  });

  test('leaving a program tells partners that were shown data that is deleted with it', async () => {
    const join = 'mutation { joinCreatorNotification(postalAddress: { city: "Springfield" }) { id } }';
    expect((await world.ask(self, join)).errors).toEqual([]);
    await read('postalAddress { city } cellPhone', mailer);
    const leave = 'mutation { leaveCreatorNotification(deleteCollected: true) { deleted } }';
    const { data } = await world.ask(self, leave);
    expect(data.leaveCreatorNotification.deleted).toEqual([]);
    expect(await told(mailer)).toEqual([]);

    await world.load({ users: [{ id: 'u1', avatarName: 'Neko', consents: WITHDRAWN }] });
    expect((await world.ask(self, leave)).data.leaveCreatorNotification.deleted).toEqual(['POSTAL_ADDRESS']);
    expect(await told(mailer)).toEqual([['POSTAL_ADDRESS']]);
  });
});
const WITHDRAWN = [{ purpose: 'targetedOffers', action: 'WITHDRAWN', at: '2021-01-01T00:00:00Z' }];

describe('rights.deletion: a disclosure that is put on record after the deletion', () => {
  test.each([
    { name: 'is told where the person was read right before it', after: -1, expected: [['GENDER']] },
    { name: 'is not told where the person was read as it stands', after: 0, expected: [] },
    { name: 'is told where its position is unknown', after: null, expected: [['GENDER']] },
  ])('$name', async ({ after, expected }) => {
    await give('gender: "other"');
    await read('gender');
    const { positions, ...shown } = await findLast();
    const { ledger } = await findPerson();
    expect(positions).toEqual([ledger.head.n]);
    await remove('GENDER');
    await acknowledgeAll();
    const deletedAt = (await findPerson()).ledger.head.n;
    await recordLate({ ...shown, ...(after !== null && { positions: [deletedAt + after] }) });
    expect(await told()).toEqual(expected);
    expect((await verify(world.store)).faults).toEqual([]);
  });

  test('makes an acknowledged notice wait again, under another id, with the late categories alone', async () => {
    await read('gender birthDate');
    const shown = await findLast();
    await remove('GENDER', 'BIRTH_DATE');
    const [first] = await noticesOf();
    await acknowledgeAll();
    await recordLate({ ...shown, categories: ['GENDER'] });
    const [second, ...others] = await noticesOf();
    expect(others).toEqual([]);
    expect(second).toMatchObject({ categories: ['GENDER'], everything: false });
    expect(second?.id).not.toBe(first?.id);
    expect((await acknowledge(first?.id ?? ''))[0]?.extensions.code).toBe('BAD_INPUT');
    await acknowledgeAll();
    expect(await noticesOf()).toEqual([]);
    await world.gateway.sweep();
    await other.gateway.sweep();
    expect(await noticesOf()).toEqual([]);
  });

  test('is told with everything once the person is erased, also where all before was acknowledged', async () => {
    await read('gender');
    const shown = await findLast();
    await erase();
    expect(await noticesOf()).toMatchObject([{ categories: ['GENDER'], everything: true }]);
    await acknowledgeAll();
    await recordLate({ ...shown, categories: [] });
    expect(await noticesOf()).toMatchObject([{ categories: [], everything: true }]);
    await acknowledgeAll();
    await recordLate(shown);
    expect(await noticesOf()).toMatchObject([{ categories: ['GENDER'], everything: true }]);
  });

  test('is told by the sweep of any gateway, also where no partner asks', async () => {
    await read('gender');
    const shown = await findLast();
    await remove('GENDER');
    await acknowledgeAll();
    await recordLate(shown);
    expect(await collection('erasure_notices').countDocuments({ pending: true, personId: { $in: personIds } })).toBe(0);
    await other.gateway.sweep();
    expect(await collection('erasure_notices').countDocuments({ pending: true, personId: { $in: personIds } })).toBe(1);
  });

  test('is followed once: a book that was read to its end is not read again', async () => {
    await read('gender', offers, other);
    await other.close();
    other = await createWorld({}, { clock: otherClock, store: { ...world.store, drop: async () => {} } });
    await world.gateway.sweep();
    const sealed = await collection('book_heads').find({ collection: 'disclosure_books', sealed: true }).toArray();
    expect(sealed).not.toEqual([]);
    const left = await collection('followed_books').find().toArray();
    expect(sealed.filter(({ _id }) => left.some((book) => book._id === _id))).toEqual([]);
  });
});

describe('rights.deletion: notices', () => {
  test('that a deletion could not put in place are put in place when a partner asks', async () => {
    await read('gender');
    const sharedSecret = Buffer.alloc(32, 7);
    const services = createServices({
      ...{ store: world.store, table: world.table, clock, log: quiet },
      ...{ sharedSecret, keyEncryptionKey: Buffer.alloc(32, 9) },
    });
    const deletion = createDeletion({
      ...services,
      notices: { notify: () => Promise.reject(new Error('power cut')) },
    });
    const { _id: sid } = await findPerson();
    await expect(deletion.delete(sid, ['GENDER'])).rejects.toThrow('power cut');
    const { ledger } = await findPerson();
    expect(ledger.untold).toBe(ledger.head.n);
    expect(await told()).toEqual([['GENDER']]);
    expect((await findPerson()).ledger.untold).toBeUndefined();
  });

  test('that many gateways put in place at once are one notice', async () => {
    await read('gender');
    const services = createServices({
      ...{ store: world.store, table: world.table, clock, log: quiet },
      ...{ sharedSecret: Buffer.alloc(32, 7), keyEncryptionKey: Buffer.alloc(32, 9) },
    });
    await remove('BIRTH_DATE');
    const { _id: sid } = await findPerson();
    const removals = ['GENDER', 'BIRTH_DATE'].map((category) => remove(category));
    await Promise.all([...removals, ...Array.from({ length: 20 }, () => services.erasureNotices.notify(sid))]);
    expect(await told()).toEqual([['GENDER']]);
    expect(await collection('erasure_notices').countDocuments({ personId: { $in: personIds } })).toBe(1);
  });

  test('can be acknowledged twice, by ids that are short beside the mark', async () => {
    await read('gender');
    await remove('GENDER');
    const [notice] = await noticesOf();
    expect(notice?.id).toMatch(/^[0-9a-f]{64}\.1$/);
    expect(await acknowledge(notice?.id ?? '')).toEqual([]);
    expect(await acknowledge(notice?.id ?? '')).toEqual([]);
  });

  test.each([
    '',
    'x',
    '.1',
    `${'a'.repeat(64)}`,
    `${'a'.repeat(64)}.`,
    `${'a'.repeat(64)}.0`,
    `${'a'.repeat(64)}.1`,
  ])('%j names none', async (id) => {
    expect((await acknowledge(id))[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'id' });
  });
});

test('a person sees the same of a disclosure as before positions were recorded', async () => {
  await read('gender');
  const { data } = await world.ask(self, 'mutation { requestExport }');
  const [disclosure] = JSON.parse(JSON.stringify(data.requestExport)).disclosures;
  expect(Object.keys(disclosure).sort()).toEqual([
    ...['@type', 'at', 'categories', 'clauses', 'dpv:hasLegalBasis', 'dpv:hasPersonalData', 'dpv:hasPurpose', 'id'],
    ...['policyVersion', 'purpose', 'recipient', 'recipientKind', 'requestId', 'tokenId'],
  ]);
});
