import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/mongo/connection.ts';
import { runCommand } from '../support/command.ts';
import { createDisk } from '../support/engines.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openTestStore, quiet, type TestStore } from '../support/store.ts';

const KEY = randomBytes(32).toString('base64');
const WORLD = { users: [{ id: 'ada', avatarName: 'Ada', name: 'NameCanary' }], partners: [] };

const disk = createDisk();
let dir: string;
let source: TestStore;
let target: TestStore;
beforeAll(async () => {
  [dir, source, target] = await Promise.all([disk.dir(), openTestStore(), openTestStore()]);
  await writeFile(path.join(dir, 'world.json'), JSON.stringify(WORLD));
  await writeFile(path.join(dir, 'key'), KEY);
  expect(await run('seed', source, ['--file', path.join(dir, 'world.json')])).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await Promise.all([source.drop(), target.drop()]);
  await disk.clear();
});

const run = (name: string, { connection }: TestStore, args: readonly string[], env: Record<string, string> = {}) =>
  runCommand(name, args, {
    env: { MONGODB_URI: mongoUri().replace('/?', `/${connection.name}?`), DATA_DIR: dir, BACKUP_KEY: KEY, ...env },
  });
const at = (name: string) => path.join(dir, name);

describe('backup and restore', () => {
  test('a database is copied into two files for their owner alone, and restored from them', async () => {
    const args = ['--to', at('data'), '--keys', at('keys'), '--gateways-stopped'];
    const taken = await run('backup', source, args);
    expect(taken).toMatchObject({ code: 0, stderr: '' });
    expect(taken.stdout).toMatch(/^\S+\/data holds \d+ documents\n\S+\/keys holds 2 documents\n$/);
    for (const name of ['data', 'keys']) expect((await stat(at(name))).mode & 0o777).toBe(0o600);

    const options = ['--from', at('data'), '--keys', at('keys'), '--key-file', at('key')];
    const restored = await run('restore', target, options, { BACKUP_KEY: '' });
    expect(restored).toMatchObject({ code: 0, stderr: '' });
    expect(restored.stdout).toMatch(/\n0 people were erased since, and are erased again\nevery chain is sound\n$/);
    expect((await run('ledger', target, ['verify'])).stdout).toMatch(/every chain is sound\n$/);
  });

  test('keys alone are copied beside gateways that run, in the place of those before', async () => {
    const before = await readFile(at('keys'), 'utf8');
    expect(await run('backup', source, ['--keys', at('keys')])).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(at('keys'), 'utf8')).not.toBe(before);
  });

  test.each([
    { name: 'backup', args: [], says: /^usage: assent backup/ },
    { name: 'backup', args: ['--to', 'world.json'], says: /^--to: expected a file that is not there yet/ },
    { name: 'backup', args: ['--keys', 'k'], env: { BACKUP_KEY: 'c2hvcnQ=' }, says: /expected 32 bytes in base64/ },
    { name: 'backup', args: ['--keys', 'k'], env: { KEY_ENCRYPTION_KEY: KEY }, says: /expected another key than/ },
    {
      name: 'backup',
      args: ['--keys', 'k', '--key-file', 'no'],
      says: /^--key-file: expected a file that can be read/,
    },
    { name: 'restore', args: ['--from', 'data'], says: /^usage: assent restore/ },
    { name: 'restore', args: ['--from', 'no', '--keys', 'keys'], says: /^the backup of data: expected a file/ },
    { name: 'restore', args: ['--from', 'data', '--keys', 'keys'], says: /^expected an empty database/ },
  ])('$name $args ends with 2, and no value is repeated', async ({ name, args, env, says }) => {
    const placed = args.map((arg) => (arg.startsWith('--') ? arg : at(arg)));
    const { code, stdout, stderr } = await run(name, source, placed, (env ?? {}) as Record<string, string>);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/c2hvcnQ=|Canary/);
  });

  test('data is not copied beside a gateway that may write, where the database can give no single instant', async () => {
    const dataDir = at('engine');
    const gateway = await openStore({ dataDir, log: quiet });
    const env = { MONGODB_URI: '', DATA_DIR: dataDir };
    const { code, stderr } = await run('backup', source, ['--to', at('new')], env);
    await gateway.close();
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^Another program uses the database/)]);
  });

  test('with another KEY_ENCRYPTION_KEY nothing stays in the database', async () => {
    const empty = await openTestStore();
    const other = { KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') };
    const args = ['--from', at('data'), '--keys', at('keys')];
    const { code, stderr } = await run('restore', empty, args, other);
    const again = await run('restore', empty, args);
    await empty.drop();
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^KEY_ENCRYPTION_KEY: expected the key/)]);
    expect(again.code).toBe(0);
  });
});
