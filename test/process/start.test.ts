import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spawnMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

let dataDir: string;
let store: TestStore;
let uri: string;
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'assent-start-'));
  store = await openTestStore();
  uri = mongoUri().replace('/?', `/${store.connection.name}?`);
});
afterAll(async () => {
  await store.drop();
  await rm(dataDir, { recursive: true });
});

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const isReady = (port: number) =>
  fetch(`http://127.0.0.1:${port}/health/ready`).then(
    ({ status }) => status === 200,
    () => false,
  );

test('--version tells the version of the package', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  const program = spawnMain({ DATA_DIR: dataDir }, ['--version']);
  expect([await program.ended, program.told(), program.logged()]).toEqual([0, `${version}\n`, '']);
});

test('--help tells every argument', async () => {
  const program = spawnMain({ DATA_DIR: dataDir }, ['--help']);
  expect([await program.ended, program.logged()]).toEqual([0, '']);
  for (const argument of ['--workers', '--help', '--version']) expect(program.told()).toContain(argument);
});

test.each([
  { name: 'a single process', args: [] },
  { name: 'workers', args: ['--workers', '2'] },
])('$name that is told to end as soon as it is ready ends in order', async ({ args }) => {
  const port = await freePort();
  const program = spawnMain({ DATA_DIR: dataDir, MONGODB_URI: uri, PORT: String(port) }, args);
  while (!(await isReady(port))) await sleep(5);
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);
}, 120_000);

describe('where no key opens the sealed values, a line says so, and nothing is made', () => {
  test('the file of the key is lost', async () => {
    const other = path.join(dataDir, 'lost');
    const program = spawnMain({ DATA_DIR: other, MONGODB_URI: uri });
    expect(await program.ended).toBe(1);
    expect(program.logged().trimEnd().split('\n')).toEqual([
      "Assent can't start.",
      expect.stringMatching(/^The database holds sealed data, and its key is not there\. .*KEY_ENCRYPTION_KEY/),
    ]);
    await expect(access(path.join(other, 'key-encryption-key'))).rejects.toThrow('ENOENT');
  }, 60_000);

  test('the key is another one', async () => {
    const KEY_ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
    const program = spawnMain({ DATA_DIR: dataDir, MONGODB_URI: uri, KEY_ENCRYPTION_KEY });
    expect(await program.ended).toBe(1);
    // a busy machine may have said before that it waits for the database
    expect(program.logged().trimEnd().split('\n').slice(-2)).toEqual([
      "Assent can't start.",
      expect.stringMatching(/^KEY_ENCRYPTION_KEY: expected the key that this database was set up with/),
    ]);
    expect(program.logged()).not.toContain(KEY_ENCRYPTION_KEY);
  }, 60_000);

  test('the data directory can’t be one', async () => {
    const file = path.join(dataDir, 'file');
    await writeFile(file, '');
    const program = spawnMain({ DATA_DIR: path.join(file, 'data'), MONGODB_URI: uri });
    expect(await program.ended).toBe(1);
    expect(program.logged().trimEnd().split('\n')).toEqual([
      "Assent can't start.",
      'DATA_DIR: expected a directory that can be read and written (ENOTDIR).',
    ]);
  }, 60_000);
});
