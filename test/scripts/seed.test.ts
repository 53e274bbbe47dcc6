import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommand } from '../support/command.ts';
import { spawnMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { PROJECT } from '../support/readme.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const REFERENCE = path.join(PROJECT, 'policies/imvu-2014-09-12/policy.yaml');
const SHOP = path.join(PROJECT, 'test/fixtures/corner-shop.yaml');

let dir: string;
let store: TestStore;
let env: Record<string, string>;
beforeEach(async () => {
  [dir, store] = await Promise.all([mkdtemp(path.join(tmpdir(), 'assent-seed-')), openTestStore()]);
  const MONGODB_URI = mongoUri().replace('/?', `/${store.connection.name}?`);
  env = { MONGODB_URI, DATA_DIR: dir };
});
afterEach(async () => {
  await store.drop();
  await rm(dir, { recursive: true, force: true });
});

const collection = (name: string) =>
  store.connection.getClient().db(store.connection.name).collection<{ _id: string; hash?: string }>(name);
const versions = async () => (await collection('policies').find({}).toArray()).map(({ _id }) => _id);

const world = async (users: readonly object[]) => {
  const file = path.join(dir, 'world.json');
  await writeFile(file, JSON.stringify({ users }));
  return file;
};
const seed = async (file: string, more: Record<string, string> = {}, args: readonly string[] = []) => {
  const { code, stderr } = await runCommand('seed', ['--file', file, ...args], { env: { ...env, ...more } });
  return { code, stderr };
};

const edited = async (file: string, from: string, to: string) => {
  const copy = path.join(dir, path.basename(file));
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(copy, text.replace(from, to));
  return copy;
};

describe('a gateway under a policy that the demo world does not fit', () => {
  test('starts empty, says how to fill the database, and takes a world file', async () => {
    const gateway = spawnMain({ ...env, POLICY_FILE: SHOP });
    await gateway.listening;
    expect(gateway.logged()).toMatch(/does not fit this policy: load a world file with `assent seed/);
    expect(await collection('people').countDocuments()).toBe(0);
    const loaded = await seed(await world([{ id: 'u1', avatarName: 'Neko' }]), { POLICY_FILE: SHOP });
    expect(loaded).toEqual({ code: 0, stderr: '1 of 1 people\nloaded 1 people and 0 partners\n' });
    await gateway.stop();
    expect(await versions()).toEqual(['spring-1']);
  });

  test('leaves no version on record where the start fails', async () => {
    const POLICY_FILE = await edited(SHOP, '{ except: [] }', '{ except: [CELL_PHONE] }');
    const gateway = spawnMain({ ...env, POLICY_FILE });
    expect(await gateway.ended).toBe(1);
    expect(gateway.logged()).toContain('CELL_PHONE');
    expect(await versions()).toEqual([]);
  });

  test('takes another text under the same version while nobody has accepted it', async () => {
    const first = spawnMain({ ...env, POLICY_FILE: SHOP });
    await first.listening;
    await first.stop();
    const [before] = await collection('policies').find({}).toArray();
    const copy = await edited(SHOP, 'minimumCell: 10', 'minimumCell: 12');
    const second = spawnMain({ ...env, POLICY_FILE: copy });
    await second.listening;
    await second.stop();
    const [after] = await collection('policies').find({}).toArray();
    expect(after?.hash).not.toBe(before?.hash);
  });
});

describe('a version that somebody has accepted', () => {
  test('is refused with another text, and a reset begins anew with it', async () => {
    const file = await world([{ id: 'u1', avatarName: 'Neko' }]);
    expect(await seed(file)).toMatchObject({ code: 0 });
    const POLICY_FILE = await edited(REFERENCE, 'minimumCell: 5', 'minimumCell: 6');
    const refused = await seed(file, { POLICY_FILE });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^policy version 2014-09-12: .* people have accepted it/);
    expect(await seed(file, { POLICY_FILE }, ['--reset'])).toMatchObject({ code: 0 });
    expect(await collection('people').countDocuments()).toBe(1);
  });

  test('is no hindrance to a reset under another company’s policy', async () => {
    const file = await world([{ id: 'u1', avatarName: 'Neko' }]);
    expect(await seed(file)).toMatchObject({ code: 0 });
    expect(await seed(file, { POLICY_FILE: SHOP }, ['--reset'])).toMatchObject({ code: 0 });
    expect(await versions()).toEqual(['spring-1']);
  });

  test('stays, with everybody, where the file of a reset is at fault', async () => {
    expect(await seed(await world([{ id: 'u1', avatarName: 'Neko' }]))).toMatchObject({ code: 0 });
    const faulty = await seed(await world([{ id: 'u2', avatarName: 'Ziggy', country: 'Narnia' }]), {}, ['--reset']);
    expect(faulty.code).toBe(1);
    expect(faulty.stderr).toMatch(/users\[0\]\.country: expected an ISO 3166-1/);
    expect(await collection('people').countDocuments()).toBe(1);
  });
});
