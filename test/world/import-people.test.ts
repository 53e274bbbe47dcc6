import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { verify } from '../../src/ledger/verify/verify.ts';
import { checkPeople, createPeopleImport, type Imported, withPeopleFile } from '../../src/world/import-people.ts';
import { commandsDuring } from '../support/commands.ts';
import { documentsIn, peopleIn } from '../support/people.ts';
import { quiet } from '../support/store.ts';
import { createWorld, KEYS, member, partner, type TestWorld } from '../support/world.ts';

const AT = '2024-05-01T10:00:00.000Z';
const MAIL = partner('mailer', 'imvu-newsletter', 'name email');

const partners = [
  {
    clientId: 'mailer',
    name: 'Mailer',
    kind: 'EMAIL_PROVIDER',
    jurisdiction: 'US',
    contract: { purposes: ['imvu-newsletter'] },
  },
  { clientId: 'pay', name: 'Pay', kind: 'PAYMENT_PROCESSOR', jurisdiction: 'US', contract: { purposes: ['billing'] } },
];

/** A person with something of every kind in the file, each with a time. */
const person = (id: string, facts: object = {}) => ({
  ...{ id, avatarName: `Avatar ${id}`, name: `Name of ${id}`, email: `${id}@example.com`, country: 'US' },
  photos: [{ id: 'photo', url: 'https://example.org/1.jpg' }],
  posts: [{ id: 'post', text: 'Hello', at: AT }],
  transactions: [{ id: 'sale', kind: 'SOLD', good: 'Lamp', price: 2, at: AT }],
  consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: AT }],
  acceptedPolicy: { version: '2014-09-12', at: AT },
  orders: [
    { id: 'open', processor: 'pay' },
    { id: 'done', processor: 'pay', status: 'FILLED' },
  ],
  privacyCases: [{ id: 'case', from: 'GUARDIAN' }],
  ...facts,
});
const persons = (count: number, facts: object = {}) =>
  Array.from({ length: count }, (_, index) => person(`u${index}`, facts));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'assent-import-'));
});
afterAll(() => rm(dir, { recursive: true }));

const worlds: TestWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
const open = async (json: object = {}) => {
  const world = await createWorld({ partners, ...json });
  worlds.push(world);
  return world;
};

/** Checks a file of these people and loads it; in between, `meanwhile` happens. */
async function load(world: TestWorld, users: readonly object[], meanwhile: (file: string) => unknown = () => {}) {
  const file = path.join(dir, `${Math.random()}.ndjson`);
  await writeFile(file, users.map((user) => `${JSON.stringify(user)}\n`).join(''));
  const people = createPeopleImport({ ...world, ...KEYS, log: quiet });
  return withPeopleFile(file, async (from) => {
    const rules = await people.rules();
    await checkPeople(from, rules);
    await meanwhile(file);
    return people.load(from, rules);
  });
}

const NONE: Imported = { written: 0, there: 0, changed: 0 };

/** Every document of the database, as text, but for those of the clock and of gateways. */
async function contentOf({ store }: TestWorld, without: RegExp) {
  const database = store.connection.getClient().db(store.connection.name);
  const collections = await database.listCollections({}, { nameOnly: true }).toArray();
  const names = collections.map(({ name }) => name).filter((name) => !without.test(name));
  const found = await Promise.all(
    names
      .sort()
      .map(async (name) => [name, await database.collection(name).find().sort({ _id: 1 }).toArray()] as const),
  );
  return JSON.stringify(found.filter(([, documents]) => documents.length > 0));
}

/** The state of people, without their internal ids and keys. */
async function statesOf({ store }: TestWorld) {
  const database = store.connection.getClient().db(store.connection.name);
  const people = await documentsIn(store).find().sort({ publicId: 1 }).toArray();
  const nameOf = new Map(people.map(({ _id, publicId }) => [_id, publicId]));
  const things = async (name: string, keys: readonly string[]) =>
    (await database.collection(name).find().toArray())
      .map((document) =>
        [name, nameOf.get(document.sid), ...keys.map((key) => JSON.stringify(document[key]))].join(' '),
      )
      .sort();
  return {
    people: people.map(
      ({ publicId, avatarName, foldedName, mailbox, values, facts, revision, ledger: { outbox } }) => ({
        ...{ publicId, avatarName, foldedName, facts, revision, outbox, proven: mailbox?.proven },
        values: Object.keys(values).sort(),
      }),
    ),
    things: [
      ...(await things('person_ledger', ['n', 'type', 'at', 'purpose', 'action', 'changes', 'source'])),
      ...(await things('posts', ['id', 'at'])),
      ...(await things('transactions', ['id', 'at'])),
      ...(await things('filled_orders', ['id'])),
      ...(await things('mailboxes', [])),
      ...(await things('person_keys', []).then((keys) => keys.map(() => 'key'))),
    ],
    claims: await database.collection('name_claims').countDocuments(),
    reports: await database.collection('child_reports').countDocuments(),
  };
}

const soundness = async ({ store }: TestWorld) => {
  const { faults, checked } = await verify(store);
  return { faults, people: checked.people };
};

describe('people of a file', () => {
  test('become the same as people of a world file', async () => {
    const users = persons(7);
    const [byWorld, byLines] = [await open({ users }), await open()];
    expect(await load(byLines, users)).toEqual({ written: 7, there: 0, changed: 0 });
    expect(await statesOf(byLines)).toEqual(await statesOf(byWorld));
    expect(await soundness(byLines)).toEqual({ faults: [], people: 7 });
  });

  test('are there for a gateway that runs', async () => {
    const world = await open();
    await load(world, persons(2));
    const { data } = await world.ask(member('u0'), '{ me { name email posts { text } } }');
    expect(data).toEqual({ me: { name: 'Name of u0', email: 'u0@example.com', posts: [{ text: 'Hello' }] } });
    const list = await world.ask(MAIL, '{ users(first: 9) { edges { node { email } } } }');
    expect(JSON.stringify(list.data)).toContain('u1@example.com');
  });

  test('that are new have the defaults of registration, and the status ACTIVE', async () => {
    const world = await open();
    await load(world, [{ id: 'u1', avatarName: 'Neko' }]);
    const [{ facts } = { facts: {} }] = await peopleIn(world.store).findByPublicIds(['u1']);
    expect(facts).toMatchObject({
      status: 'ACTIVE',
      acceptedVersion: '2014-09-12',
      preferences: { adTargeting: true },
    });
  });

  test('that are there keep values absent from the file, and are counted', async () => {
    const world = await open({ users: [person('u0', { status: 'SEALED' }), person('u1')] });
    const outcome = await load(world, [
      { id: 'u0', avatarName: 'Avatar u0' },
      { id: 'u1', avatarName: 'Avatar u1', country: 'CA' },
      { id: 'u2', avatarName: 'Avatar u2' },
    ]);
    expect(outcome).toEqual({ written: 1, there: 2, changed: 1 });
    const found = await peopleIn(world.store).findByPublicIds(['u0', 'u1']);
    expect(found.map(({ facts }) => [facts.status, facts.residence]).sort()).toEqual([
      ['ACTIVE', 'CA'],
      ['SEALED', 'US'],
    ]);
  });

  test('are left as they are by another run', async () => {
    const world = await open();
    // half of them without any time
    const users = [
      ...persons(5),
      ...Array.from({ length: 5 }, (_, n) => ({ id: `n${n}`, avatarName: `N ${n}`, posts: [{}] })),
    ];
    expect(await load(world, users)).toEqual({ ...NONE, written: 10 });
    // the word of a guardian is sealed anew
    const before = await contentOf(world, /^child_reports$/);
    expect(await load(world, users)).toEqual({ ...NONE, there: 10 });
    const after = await contentOf(world, /^child_reports$/);
    expect(after === before).toBe(true);
  });

  test('share a mailbox and a name with the first of the file alone', async () => {
    const world = await open();
    const same = { avatarName: 'Neko', email: 'neko@example.com' };
    const others = Array.from({ length: 99 }, (_, index) => person(`o${index}`));
    await load(world, [...persons(499), person('first', same), ...others, person('second', same)]);
    const { connection } = world.store;
    const [first] = await peopleIn(world.store).findByPublicIds(['first']);
    const held = await connection
      .getClient()
      .db(connection.name)
      .collection('mailboxes')
      .find({ sid: first?._id })
      .toArray();
    expect(held).toHaveLength(1);
    expect(await connection.getClient().db(connection.name).collection('mailboxes').countDocuments()).toBe(599);
  });

  test('are written once by two runs at the same time', async () => {
    const world = await open();
    const users = persons(1_200);
    const outcomes = await Promise.all([load(world, users), load(world, users)]);
    expect(outcomes.map(({ written, there }) => written + there)).toEqual([1_200, 1_200]);
    expect(outcomes.reduce((sum, { written }) => sum + written, 0)).toBe(1_200);
    const states = await statesOf(world);
    expect(states.people.filter(({ revision, outbox }) => revision > 0 || outbox.length > 0)).toEqual([]);
    expect(await soundness(world)).toEqual({ faults: [], people: 1_200 });
  });

  test('take as many commands as one person takes, up to five hundred', async () => {
    const world = await open();
    const namesFor = async (users: readonly object[]) =>
      (await commandsDuring(world.store, () => load(world, users))).map(({ name }) => name).sort();
    const writes = (names: readonly string[]) => names.filter((name) => !/^(find|getMore|aggregate)$/.test(name));
    const [one, many] = [await namesFor([person('one')]), await namesFor(persons(500))];
    expect(writes(many)).toEqual(writes(one));
    expect(many.length).toBeLessThan(30);
  });
});

describe('a run that was cut off', () => {
  test('is completed where people are there without their entries and things', async () => {
    const users = persons(4);
    const [whole, world] = [await open(), await open()];
    await load(whole, users);
    await load(world, users);
    const { connection } = world.store;
    const database = connection.getClient().db(connection.name);
    const entries = await database.collection('person_ledger').find().sort({ n: 1 }).toArray();
    for (const { _id, publicId } of await documentsIn(world.store)
      .find({ publicId: { $in: ['u2', 'u3'] } })
      .toArray()) {
      const outbox = entries.filter(({ sid }) => sid === _id);
      await documentsIn(world.store).updateOne({ _id }, { $set: { 'ledger.outbox': outbox } } as object);
      // the one lost them before the ledger had them, the other after
      if (publicId === 'u2') await database.collection('person_ledger').deleteMany({ sid: _id });
      for (const name of ['posts', 'transactions', 'filled_orders', 'mailboxes'])
        await database.collection(name).deleteMany({ sid: _id });
    }
    await database.collection('child_reports').deleteMany({});
    await database.collection('name_claims').deleteMany({});
    expect(await load(world, users)).toEqual({ ...NONE, there: 4 });
    expect(await statesOf(world)).toEqual(await statesOf(whole));
    expect(await soundness(world)).toEqual({ faults: [], people: 4 });
  });

  test('goes on where ids and keys are there without their people', async () => {
    const users = persons(3);
    const world = await open();
    await load(world, users);
    const { connection } = world.store;
    await documentsIn(world.store).deleteMany({});
    await connection.getClient().db(connection.name).collection('person_ledger').deleteMany({});
    expect(await load(world, users)).toEqual({ ...NONE, written: 3 });
    const { data } = await world.ask(member('u2'), '{ me { email } }');
    expect(data).toEqual({ me: { email: 'u2@example.com' } });
  });
});

describe('a fault that comes after the check', () => {
  test('ends the run with the line', async () => {
    const world = await open();
    const faulty = JSON.stringify(person('u1')).replace('"US"', '"QQ"');
    await expect(
      load(world, [person('u0'), person('u1')], (file) =>
        writeFile(file, `${JSON.stringify(person('u0'))}\n${faulty}\n`),
      ),
    ).rejects.toThrow('line 2: country: expected an ISO 3166-1 alpha-2 country code\nThis has become so since');
    expect(await documentsIn(world.store).countDocuments()).toBe(0);
  });

  test('is not an appended line', async () => {
    const world = await open();
    const outcome = await load(world, [person('u0')], (file) => writeFile(file, 'nothing\n', { flag: 'a' }));
    expect(outcome).toEqual({ ...NONE, written: 1 });
  });

  test('is a person erased meanwhile', async () => {
    const world = await open({ users: [person('u0')] });
    await expect(
      load(world, [person('u0')], async () => {
        const asked = await world.ask(member('u0'), 'mutation { requestErasure { confirmation } }');
        const { confirmation } = (asked.data as { requestErasure: { confirmation: string } }).requestErasure;
        await world.ask(
          member('u0'),
          'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { __typename } }',
          { confirmation },
        );
      }),
    ).rejects.toThrow('line 1: id: expected a person who was not erased');
  });
});
