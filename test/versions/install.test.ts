import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { createDisk, until } from '../support/engines.ts';
import { startMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { packProject } from '../support/package.ts';
import { SYSTEM_ENV } from '../support/shell.ts';
import { openTestStore } from '../support/store.ts';

// The archive as a dependency of a project, with the newest packages that fit: npm's registry is asked for them.

const execute = promisify(execFile);
const disk = createDisk();
afterAll(() => disk.clear());

test.runIf(process.env.VERSIONS !== undefined)(
  'the archive is installed into an empty project, and works there',
  async () => {
    const [dir, store] = await Promise.all([disk.dir(), openTestStore()]);
    const archive = await packProject(dir);
    const cwd = path.join(dir, 'project');
    await mkdir(cwd);
    await writeFile(path.join(cwd, 'package.json'), '{ "name": "project", "private": true }');
    const options = { cwd, env: SYSTEM_ENV };
    const args = ['install', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', archive];
    await execute('npm', args, options);
    const { stdout } = await execute('npx', ['--no-install', 'assent', '--help'], options);
    expect(stdout).toMatch(/^usage: assent COMMAND/);

    const env = { DATA_DIR: dir, MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`) };
    const gateway = await startMain(env, [], [path.join(cwd, 'node_modules/.bin/assent'), 'start']);
    // the hint follows the line with the address
    await until(() => gateway.told().includes('npx assent token --member u1'));
    const settings = { cwd, env: { ...SYSTEM_ENV, ...env, PORT: new URL(gateway.origin).port } };
    expect((await execute('npx', ['--no-install', 'assent', 'health'], settings)).stdout).toBe('ready: 200\n');
    await gateway.stop();
    await store.drop();
  },
  180_000,
);
