import { execFile } from 'node:child_process';
import { access, chmod, chown, cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, expect, test, vi } from 'vitest';
import { openEmbedded } from '../../src/store/mongo/engine/embedded.ts';
import { crash, createDisk, findEngine, isRunning, leaseSocketOf, until } from '../support/engines.ts';
import { quiet } from '../support/store.ts';

const execute = promisify(execFile);
const disk = createDisk();
afterAll(() => disk.clear());

const hasEntry = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
const hasSocket = (dataDir: string) => hasEntry(leaseSocketOf(dataDir));
const open = (dataDir: string, onLost?: () => void) =>
  openEmbedded({ dataDir, log: quiet, ...(onLost ? { onLost } : {}) });

test.concurrent('launchers that start at once share one engine, which ends about 1.5 seconds after the last of them', async () => {
  const dataDir = await disk.dir();
  const [one, two] = await Promise.all([open(dataDir), open(dataDir)]);
  const pid = Number(one.pid());
  expect({ pid: two.pid(), uri: two.uri }).toEqual({ pid, uri: one.uri });

  await one.close();
  await sleep(2_500);
  expect(isRunning(pid)).toBe(true);
  await two.close();
  const took = await until(() => !isRunning(pid));
  expect(took).toBeGreaterThan(1_000);
  expect(took).toBeLessThan(6_000);
});

test.concurrent('a launcher that comes within the grace keeps the engine', async () => {
  const dataDir = await disk.dir();
  const one = await open(dataDir);
  const pid = one.pid();
  await one.close();
  const two = await open(dataDir);
  await sleep(2_500);
  expect(two.pid()).toBe(pid);
  await two.close();
});

test.concurrent('a launcher that comes while the engine closes waits for it and starts another', async () => {
  const dataDir = await disk.dir();
  const one = await open(dataDir);
  const pid = Number(one.pid());
  await one.close();
  await until(async () => !(await hasSocket(dataDir)));
  const two = await open(dataDir);
  expect(two.pid()).not.toBe(pid);
  await two.close();
});

test.concurrent('a stop that reaches every process leaves the engine to its launchers', async () => {
  const dataDir = await disk.dir();
  const engine = await open(dataDir);
  const pid = Number(engine.pid());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(pid, signal);
  await sleep(500);
  expect({ running: isRunning(pid), pid: engine.pid() }).toEqual({ running: true, pid });
  await engine.close();
});

test.concurrent('the sockets of a crashed engine do not stand in the way', async () => {
  const dataDir = await disk.dir();
  const one = await open(dataDir);
  await one.close();
  const pid = await crash(dataDir);
  await until(() => !isRunning(pid));
  expect(await hasSocket(dataDir)).toBe(true);

  const two = await open(dataDir);
  expect(isRunning(Number(two.pid()))).toBe(true);
  await two.close();
});

test.concurrent('a crashed engine is told of once and is back at the same address', async () => {
  const dataDir = await disk.dir();
  const onLost = vi.fn();
  const engine = await open(dataDir, onLost);
  const crashed = await crash(dataDir);
  await until(() => engine.pid() !== null && engine.pid() !== crashed);
  expect(await findEngine(dataDir)).toBe(engine.pid());
  expect(onLost).toHaveBeenCalledTimes(1);
  await engine.close();
});

test.concurrent('an engine closed after a crash is not kept open', async () => {
  const dataDir = await disk.dir();
  const engine = await open(dataDir);
  const pid = await crash(dataDir);
  await until(() => engine.pid() !== pid);
  await engine.close();
  await until(async () => !(await hasSocket(dataDir)));
  expect(engine.pid()).toBe(null);
});

test.concurrent('the database, its sockets and its log are for their user alone', async () => {
  const dataDir = await disk.dir();
  const engine = await open(dataDir);
  const modes = await Promise.all(
    ['mongodb', 'run', 'run/engine.log'].map(async (name) => (await stat(path.join(dataDir, name))).mode & 0o777),
  );
  expect(modes).toEqual([0o700, 0o700, 0o600]);
  await engine.close();
});

test.concurrent('a directory of sockets that others can enter is refused', async () => {
  const dataDir = await disk.dir();
  await mkdir(path.join(dataDir, 'run'));
  await chmod(path.join(dataDir, 'run'), 0o755);
  await expect(open(dataDir)).rejects.toThrow('must belong to this user alone');
});

test.concurrent('a data directory with a path too long for a socket works', async () => {
  const dataDir = path.join(await disk.dir(), 'a-long-name'.repeat(10));
  const [one, two] = await Promise.all([open(dataDir), open(dataDir)]);
  const pid = Number(one.pid());
  const runDir = path.dirname(decodeURIComponent(new URL(one.uri).host));
  expect(two.pid()).toBe(pid);
  expect({ dataDir: await readdir(dataDir), runDir: path.dirname(runDir) }).toEqual({
    dataDir: ['mongodb'],
    runDir: '/tmp',
  });
  await Promise.all([one.close(), two.close()]);
  await until(() => !isRunning(pid));
  await rm(runDir, { recursive: true });
});

test.concurrent('data that the engine cannot open is an error that says so', async () => {
  const dataDir = await disk.dir();
  await cp(import.meta.filename, path.join(dataDir, 'mongodb'));
  await expect(open(dataDir)).rejects.toThrow(/engine failed: EEXIST.*engine\.log.*Set MONGODB_URI/);
});

const NOBODY = 65_534;
const projectDir = path.resolve(import.meta.dirname, '../..');
const source = path.join(projectDir, 'src/store/mongo/connection.ts');
const script = `
  import { openStore } from ${JSON.stringify(source)};
  const store = await openStore({ dataDir: process.env.HOME + '/data', log: console });
  await store.connection.collection('notes').insertOne({ by: process.getuid() });
  console.log(JSON.stringify(await store.connection.collection('notes').findOne({}, { projection: { _id: 0 } })));
  await store.close();
`;

const whyNotAsOrdinaryUser = async () => {
  if (process.getuid?.() !== 0) return 'the tests run as one already';
  const asNobody = { uid: NOBODY, gid: NOBODY };
  return execute(process.execPath, ['-e', 'fs.accessSync(process.argv[1])', source], asNobody).then(
    () => null,
    () => 'the project is where others may not read',
  );
};

// a newer glibc, where this system needs one, is not fetched again
const lendCache = async (cacheDir: string) => {
  const own = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'assent');
  await mkdir(cacheDir, { recursive: true });
  if (await hasEntry(own)) await cp(own, cacheDir, { recursive: true });
  await chmod(cacheDir, 0o755);
};

test.concurrent('an ordinary user can run the engine', async ({ skip }) => {
  const reason = await whyNotAsOrdinaryUser();
  if (reason !== null) skip(reason);
  const home = await disk.dir();
  await lendCache(path.join(home, '.cache/assent'));
  await chown(home, NOBODY, NOBODY);
  const { stdout } = await execute(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    uid: NOBODY,
    gid: NOBODY,
    cwd: projectDir,
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: home },
  });
  expect(JSON.parse(stdout)).toEqual({ by: NOBODY });
  await until(async () => !(await hasSocket(path.join(home, 'data'))));
});
