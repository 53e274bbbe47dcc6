import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { markRestored, markRestoring, requirePresentForm } from '../../src/migrations/form.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { type Kind, takeBackup } from '../../src/process/backup.ts';
import { readConfig } from '../../src/process/config.ts';
import { restore } from '../../src/process/restore.ts';
import { sealBytes } from '../../src/store/aead.ts';
import { createSecretRecords } from '../../src/store/mongo/repositories/secrets.ts';
import { createClock } from '../support/clock.ts';
import { createDisk } from '../support/engines.ts';
import { openTestStore, quiet, type TestStore } from '../support/store.ts';
import { createWorld, KEYS, member, partner, type TestWorld } from '../support/world.ts';

const KEY = randomBytes(32);
const START = '2026-03-10T12:00:00.000Z';
const offers = partner('offers', 'targeted-offers', 'name email');
const person = (id: string, name: string) => ({
  ...{ id, avatarName: `Avatar ${id}`, name, email: `${id}-canary@example.com`, country: 'US' },
  consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
  posts: [{ id: 'b', forum: 'f', text: `PostCanary ${id}` }],
});
const WORLD = {
  users: [person('ada', 'NameCanary Ada'), person('bob', 'NameCanary Bob')],
  partners: [
    {
      ...{ clientId: 'offers', name: 'Offers', kind: 'OFFERS', jurisdiction: 'US' },
      contract: { purposes: ['targeted-offers'] },
    },
  ],
};
const ERASE = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
const PEOPLE = '{ users(first: 10) { edges { node { name email } } } }';

const disk = createDisk();
let dir: string;
let config: ReturnType<typeof readConfig>;
let world: TestWorld;
let clock: ReturnType<typeof createClock>;
const open: (TestStore | TestWorld)[] = [];
const files = () => ({ data: path.join(dir, 'data'), keys: path.join(dir, 'keys'), key: KEY });

/** A world with keys under those of the configuration, as in a gateway. */
async function openWorld(store?: TestStore): Promise<TestWorld> {
  const own = store ?? (await openTestStore());
  if (!store) open.push(own);
  return createWorld(store ? {} : WORLD, { clock, store: own });
}

const take = (kind: Kind, file = files()[kind]) =>
  takeBackup(kind, file, { store: world.store, clock, key: KEY, version: '0.0.0' });

async function takeBoth() {
  await take('data');
  await take('keys');
}

async function erase(id: string) {
  const { data } = await world.ask(member(id), 'mutation { requestErasure { confirmation } }');
  expect((await world.ask(member(id), ERASE, data.requestErasure)).errors).toEqual([]);
}

/** Restores into an empty database. */
async function restoreInto(store: TestStore, from: Partial<ReturnType<typeof files>> = {}) {
  const policy = await loadPolicy(config.bundle);
  return restore({ ...files(), ...from }, { store, clock, log: quiet, config, policy });
}

const openEmpty = async () => {
  const store = await openTestStore();
  open.push(store);
  return store;
};

const namesIn = async ({ connection }: TestStore) => {
  const database = connection.getClient().db(connection.name);
  const found = await database.listCollections({}, { nameOnly: true }).toArray();
  const counts = await Promise.all(
    found.map(async ({ name }) => [name, await database.collection(name).countDocuments()] as const),
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
};

beforeAll(async () => {
  dir = await disk.dir();
  config = readConfig({ KEY_ENCRYPTION_KEY: KEYS.keyEncryptionKey.toString('base64'), DATA_DIR: dir });
});
beforeEach(async () => {
  clock = createClock(START);
  world = await openWorld();
  const { keyEncryptionKey, sharedSecret } = KEYS;
  const _id = 'shared secret';
  await createSecretRecords(world.store).add({ _id, wrapped: sealBytes(keyEncryptionKey, _id, sharedSecret) });
});
afterAll(async () => {
  for (const each of open) if ('drop' in each) await each.drop();
  await disk.clear();
});

describe('a backup that is restored', () => {
  test('holds everything that there was, and every chain of it is sound', async () => {
    await world.ask(offers, PEOPLE);
    await takeBoth();
    const store = await openEmpty();
    const { data, erased, verification } = await restoreInto(store);
    expect({ erased, faults: verification.faults, at: data.at }).toEqual({ erased: 0, faults: [], at: START });
    expect(verification.checked).toMatchObject({ people: 2, disclosures: 2 });
    const before = await namesIn(world.store);
    expect(await namesIn(store)).toEqual(before);
    const again = await openWorld(store);
    const { data: seen } = await again.ask(member('ada'), '{ me { name email posts { text } } }');
    expect(seen.me).toEqual({
      name: 'NameCanary Ada',
      email: 'ada-canary@example.com',
      posts: [{ text: 'PostCanary ada' }],
    });
  });

  test('does not bring back a person erased after it was made', async () => {
    await takeBoth();
    await erase('ada');
    await take('keys');
    const store = await openEmpty();
    const { erased, verification } = await restoreInto(store);
    expect({ erased, faults: verification.faults }).toEqual({ erased: 1, faults: [] });
    const again = await openWorld(store);
    expect((await again.ask(member('ada'), '{ me { id } }')).status).toBe(401);
    expect((await again.ask(member('bob'), '{ user(avatarName: "Avatar ada") { id } }')).data.user).toBeNull();
    const { data } = await again.ask(offers, PEOPLE);
    expect(data.users.edges).toEqual([{ node: { name: 'NameCanary Bob', email: 'bob-canary@example.com' } }]);
    expect(await namesIn(store)).toMatchObject({ people: 1, tombstones: 1, posts: 1, person_keys: 1 });
  });
});

describe('a restore writes nothing', () => {
  const refused = async (from: Partial<ReturnType<typeof files>>, message: string) => {
    const store = await openEmpty();
    await expect(restoreInto(store, from)).rejects.toThrow(message);
    expect(await namesIn(store)).toEqual({});
  };

  test('with another key than the one that sealed the files', async () => {
    await takeBoth();
    await refused({ key: randomBytes(32) }, 'expected the key that the file was sealed with');
  });

  test.each(['data', 'keys'] as const)('of %s in which any byte was changed, or that was cut off', async (kind) => {
    await takeBoth();
    const whole = await readFile(files()[kind]);
    const changed = path.join(dir, 'changed');
    const places = [0, 60, Math.floor(whole.length / 3), Math.floor(whole.length / 2), whole.length - 2];
    for (const place of places) {
      const bytes = Buffer.from(whole);
      bytes[place] = (bytes[place] as number) ^ 1;
      await writeFile(changed, bytes);
      await refused({ [kind]: changed }, 'expected');
    }
    const lines = whole.toString().split('\n');
    for (const some of [lines.slice(0, 1), lines.slice(0, -2), [...lines.slice(0, 1), ...lines.slice(2)]]) {
      await writeFile(changed, some.join('\n'));
      await refused({ [kind]: changed }, 'expected');
    }
  });

  test('where the two files are taken for each other', async () => {
    await takeBoth();
    await refused({ data: files().keys }, 'expected a file of backup of data');
  });

  test('where the keys are older than the data: people registered in between would be taken for erased', async () => {
    await take('keys');
    clock.advance(1_000);
    await take('data');
    await refused({}, 'not older than that of the data');
  });

  test('where the keys are of other people: all would be taken for erased', async () => {
    await take('data');
    const { connection } = world.store;
    await connection.getClient().db(connection.name).collection('person_keys').deleteMany({});
    await take('keys');
    await refused({}, 'expected one of the same database');
  });

  test('into a database that holds something', async () => {
    await takeBoth();
    const before = await namesIn(world.store);
    await expect(restoreInto(world.store)).rejects.toThrow('expected an empty database');
    expect(await namesIn(world.store)).toEqual(before);
  });
});

test('while a backup is being restored, and where that was cut off, no gateway takes the database', async () => {
  const store = await openEmpty();
  await markRestoring(store);
  await expect(requirePresentForm(store)).rejects.toThrow('A backup is being restored into this database');
  await markRestored(store);
  await requirePresentForm(store);
});

test('nothing of a person can be read in the files of a backup, nor an internal id', async () => {
  await takeBoth();
  const { connection } = world.store;
  const [someone] = await connection.getClient().db(connection.name).collection('people').find().toArray();
  for (const kind of ['data', 'keys'] as const) {
    const text = await readFile(files()[kind], 'utf8');
    const decoded = text
      .split('\n')
      .map((line) => Buffer.from(line, 'base64').toString('latin1'))
      .join();
    for (const secret of ['Canary', 'canary', 'Avatar', 'ada', 'offers', String(someone?._id), 'wrapped'])
      expect([
        kind,
        secret,
        text.includes(secret) && secret.length > 3,
        decoded.includes(secret) && secret.length > 3,
      ]).toEqual([kind, secret, false, false]);
  }
});
