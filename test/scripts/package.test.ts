import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands/commands.ts';
import { createDisk } from '../support/engines.ts';
import { startMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { packProject, unpackPackage } from '../support/package.ts';
import { SYSTEM_ENV } from '../support/shell.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const disk = createDisk();
let folder: string;
let elsewhere: string;
let store: TestStore;

beforeAll(async () => {
  const dir = await disk.dir();
  elsewhere = path.join(dir, 'elsewhere');
  await mkdir(elsewhere);
  [folder, store] = await Promise.all([
    packProject(dir).then((archive) => unpackPackage(archive, dir)),
    openTestStore(),
  ]);
}, 180_000);
afterAll(async () => {
  await store.drop();
  await disk.clear();
});

const settings = () => ({ MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`), DATA_DIR: elsewhere });

/** A command of the package, typed in a folder that is not its own. */
const assent = (args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { cwd: elsewhere, env: { ...SYSTEM_ENV, ...settings(), ...env } };
    const program = path.join(folder, 'dist/assent.js');
    const child = execFile(process.execPath, [program, ...args], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe('the package, with its production dependencies alone', () => {
  test.each(Object.keys(COMMANDS))('%s tells how it is used', async (name) => {
    const { code, stdout, stderr } = await assent([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^usage: assent ${name}\\b`));
  });

  test('a gateway starts from it, is healthy, and the commands mean it', async () => {
    const command = [process.execPath, path.join(folder, 'dist/assent.js'), 'start'] as const;
    const gateway = await startMain(settings(), [], command);
    const { port } = new URL(gateway.origin);
    expect(await assent(['health'], { PORT: port })).toMatchObject({ code: 0, stdout: 'ready: 200\n' });
    const { stdout, stderr } = await assent(['token', '--member', 'u1'], { PORT: port });
    expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/), stderr: '' });
    expect((await assent(['ledger', 'verify'])).stdout).toMatch(/^every chain is sound$/m);
    await gateway.stop();
    expect(await assent(['health'], { PORT: port })).toMatchObject({ code: 1, stdout: 'ready: no answer\n' });
  });

  test('it has the policies, and the template of a new one', async () => {
    expect((await assent(['policy', 'matrix'])).stdout).toMatch(/OFFERS/);
    expect((await assent(['policy', 'new', 'bundle'])).code).toBe(0);
    expect(await assent(['policy', 'test'], { POLICY: 'bundle' })).toMatchObject({ code: 0, stderr: '' });
    expect(await assent(['policy', 'coverage'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/checkout/) });
  });

  test('the schema that it writes is the one that it brings along', async () => {
    expect(await assent(['schema'])).toMatchObject({ code: 0, stderr: '' });
    const read = (dir: string) => readFile(path.join(dir, 'schema.graphql'), 'utf8');
    expect(await read(elsewhere)).toBe(await read(folder));
  });

  test('it holds no tests, no sources but those of pages, and nothing to make it with', async () => {
    const files = (await readdir(folder, { recursive: true })).filter((file) => !file.startsWith('node_modules'));
    expect(
      files.filter(
        (file) => (file.endsWith('.ts') && !file.endsWith('.d.ts')) || file.endsWith('.map') || file.includes('test'),
      ),
    ).toEqual([]);
    const { scripts, devDependencies } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    expect({ scripts, devDependencies }).toEqual({});
  });
});

describe('a typed command', () => {
  test.each([
    { args: ['stroe'], code: 2, stdout: '', stderr: /^expected a command of assent; did you mean store\?\nusage: / },
    { args: [], code: 2, stdout: '', stderr: /^usage: assent COMMAND/ },
    { args: ['--help'], code: 0, stdout: /^usage: assent COMMAND/, stderr: '' },
    { args: ['--version'], code: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: '' },
    { args: ['start', '--version'], code: 0, stdout: /^\d+\.\d+\.\d+\n$/, stderr: '' },
    { args: ['schema', '--chek'], code: 2, stdout: '', stderr: /^Unknown option '--chek'/ },
    { args: ['toString'], code: 2, stdout: '', stderr: /^expected a command/ },
  ])('assent $args ends with $code', async ({ args, code, stdout, stderr }) => {
    const outcome = await assent(args);
    const like = (expected: string | RegExp) =>
      typeof expected === 'string' ? expected : expect.stringMatching(expected);
    expect(outcome).toEqual({ code, stdout: like(stdout), stderr: like(stderr) });
  });
});
