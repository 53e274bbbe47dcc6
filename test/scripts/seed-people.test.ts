import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verify } from '../../src/ledger/verify/verify.ts';
import { fold, looksOf } from '../../src/subject/names.ts';
import { runCommand } from '../support/command.ts';
import { until } from '../support/engines.ts';
import { spawnMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { documentsIn } from '../support/people.ts';
import { PROJECT } from '../support/readme.ts';
import { SYSTEM_ENV } from '../support/shell.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const AT = '2024-05-01T10:00:00.000Z';

let dir: string;
let store: TestStore;
let env: Record<string, string>;
beforeEach(async () => {
  [dir, store] = await Promise.all([mkdtemp(path.join(tmpdir(), 'assent-lines-')), openTestStore()]);
  env = { MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`), DATA_DIR: dir };
});
afterEach(async () => {
  await store.drop();
  await rm(dir, { recursive: true, force: true });
});

const collection = (name: string) => store.connection.getClient().db(store.connection.name).collection(name);

const person = (id: string, facts: object = {}) => ({ id, avatarName: `Avatar ${id}`, ...facts });

const put = async (name: string, lines: readonly object[]) => {
  const file = path.join(dir, name);
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
};
const seed = async (file: string, ...args: string[]) => {
  const { code, stderr } = await runCommand('seed', ['--file', file, ...args], { env });
  return { code, lines: stderr.trimEnd().split('\n') };
};

describe('a file of one person a line', () => {
  test.each(['people.ndjson', 'people.jsonl', 'PEOPLE.NDJSON'])('is known by its name, as %s', async (name) => {
    const { code, lines } = await seed(await put(name, [person('u1'), person('u2')]));
    expect(lines.at(-1)).toBe('loaded 2 people: 2 written, 0 were there, 0 of them changed');
    expect(code).toBe(0);
  });

  test('tells its progress, and at the end the numbers of written and known people', async () => {
    await seed(await put('some.ndjson', [person('u1'), person('u2')]));
    const { lines } = await seed(
      await put('all.ndjson', [person('u1', { country: 'CA' }), person('u2'), person('u3')]),
    );
    expect(lines).toEqual([
      expect.stringMatching(/^checked 3 people: 100 % of the file, \d+ people a second, 0 s left$/),
      expect.stringMatching(/^1 people written, 2 were there: 100 % of the file, \d+ people a second, 0 s left$/),
      'loaded 3 people: 1 written, 2 were there, 1 of them changed',
    ]);
  });

  test('finds the partners of its people in the database, which has them from a world file', async () => {
    const file = await put('people.ndjson', [
      person('u1'),
      person('u2', { orders: [{ processor: 'pay' }, { processor: 'other' }] }),
    ]);
    const processor = { name: 'Pay', kind: 'PAYMENT_PROCESSOR', jurisdiction: 'US' };
    const world = path.join(dir, 'world.json');
    await writeFile(world, JSON.stringify({ partners: [{ clientId: 'pay', ...processor }] }));
    await seed(world);
    const faulty = await seed(file);
    expect(faulty.lines.slice(1)).toEqual([
      'line 2: orders[1].processor: expected the clientId of a partner in the database',
    ]);
    expect(faulty.code).toBe(1);
    expect(await documentsIn(store).countDocuments()).toBe(0);
    await writeFile(world, JSON.stringify({ partners: [{ clientId: 'other', ...processor }] }));
    await seed(world);
    expect(await seed(file)).toMatchObject({ code: 0 });
  });

  test('is loaded while the gateway runs', async () => {
    const gateway = spawnMain(env);
    const origin = await gateway.listening;
    expect(await seed(await put('people.ndjson', [person('somebody-new')]))).toMatchObject({ code: 0 });
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ user(id: "somebody-new") { avatarName } }' }),
    });
    expect(await response.json()).toEqual({ data: { user: { avatarName: 'Avatar somebody-new' } } });
    await gateway.stop();
  });

  test('empties the database first where it is told to, and only where it has no fault', async () => {
    await seed(await put('first.ndjson', [person('u1')]));
    const faulty = await seed(await put('faulty.ndjson', [person('u2', { country: 'Narnia' })]), '--reset');
    expect(faulty.lines.at(-1)).toBe('line 1: country: expected an ISO 3166-1 alpha-2 country code');
    expect(await documentsIn(store).distinct('publicId')).toEqual(['u1']);
    expect(await seed(await put('second.ndjson', [person('u3')]), '--reset')).toMatchObject({ code: 0 });
    expect(await documentsIn(store).distinct('publicId')).toEqual(['u3']);
  });

  test('is refused where it is not there', async () => {
    expect(await seed(path.join(dir, 'nowhere.ndjson'))).toEqual({
      code: 1,
      lines: ['--file: expected a file of people that can be read twice'],
    });
  });
});

/** A person with every time given: another run has nothing to make up. */
const timed = (index: number) =>
  person(`u${index}`, {
    ...{ email: `u${index}@example.com`, country: 'US' },
    acceptedPolicy: { version: '2014-09-12', at: AT },
    consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: AT }],
    posts: [{ id: 'post', text: 'Hello', at: AT }],
  });

/** A name and each of its looks is claimed once. */
const claimsOf = (names: readonly string[]) =>
  new Set(names.map(fold)).size + new Set(names.flatMap((name) => [...looksOf(name)])).size;

/** The command in a process of its own, killed as soon as `isTime` or when it ends. @returns the signal or the code */
async function runUntil(file: string, isTime: () => Promise<boolean>) {
  const args = ['--import', 'tsx', 'src/assent.ts', 'seed', '--file', file];
  const child = spawn(process.execPath, args, { cwd: PROJECT, env: { ...SYSTEM_ENV, ...env }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  try {
    await until(async () => hasEnded() || (await isTime()), 100_000);
  } finally {
    child.kill('SIGKILL');
  }
  const [code, signal] = await ended;
  return signal ?? code;
}

test('other runs complete one that is killed at a random moment, and everybody is written once', async () => {
  const PEOPLE = 3_000;
  const file = await put(
    'people.ndjson',
    Array.from({ length: PEOPLE }, (_, index) => timed(index)),
  );
  const collections = ['public_ids', 'person_keys', 'people', 'person_ledger', 'name_claims', 'mailboxes', 'posts'];
  for (const share of [0, 0.3]) {
    // a moment is reached when some collection holds so many documents
    const name = collections[Math.floor(Math.random() * collections.length)] as string;
    const documents = Math.floor((share + Math.random() / 3) * PEOPLE) + 1;
    const end = await runUntil(file, async () => (await collection(name).countDocuments()) >= documents);
    expect([end, name, documents]).toEqual(['SIGKILL', name, documents]);
  }
  const { code, lines } = await seed(file);
  expect(lines.at(-1)).toMatch(/^loaded 3000 people: \d+ written, \d+ were there, 0 of them changed$/);
  expect(code).toBe(0);

  const people = await documentsIn(store).find().toArray();
  expect(new Set(people.map(({ publicId }) => publicId)).size).toBe(PEOPLE);
  expect(people.filter(({ revision, ledger }) => revision > 0 || ledger.outbox.length > 0)).toEqual([]);
  const names = people.map(({ avatarName }) => avatarName);
  const counts = await Promise.all(collections.map(async (name) => [name, await collection(name).countDocuments()]));
  expect(Object.fromEntries(counts)).toEqual({
    ...{ public_ids: PEOPLE, person_keys: PEOPLE, people: PEOPLE, mailboxes: PEOPLE, posts: PEOPLE },
    // the acceptance, the defaults and the consent of each person; the name, and its look
    ...{ person_ledger: 3 * PEOPLE, name_claims: claimsOf(names) },
  });
  const { faults, checked } = await verify(store);
  expect([faults, checked.people]).toEqual([[], PEOPLE]);
  const ledger = await runCommand('ledger', ['verify'], { env });
  expect([ledger.code, ledger.stdout]).toEqual([0, expect.stringContaining('every chain is sound')]);
  expect((await seed(file)).lines.at(-1)).toBe('loaded 3000 people: 0 written, 3000 were there, 0 of them changed');
}, 400_000);
