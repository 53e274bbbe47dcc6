import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EmbeddedUnavailableError, findNodeCommand, type Host } from '../../src/store/mongo/engine/glibc.ts';
import { quiet } from '../support/store.ts';

const debian12: Host = { platform: 'linux', arch: 'x64', glibc: '2.36' };
const hasApt = (() => {
  try {
    return Boolean(execFileSync('apt-get', ['--version']));
  } catch {
    return false;
  }
})();

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'assent-glibc-'));
});
afterAll(() => rm(root, { recursive: true }));

const find = (host: Host, aptDir: string) =>
  findNodeCommand({ log: quiet, host, aptDir, cacheDir: path.join(root, 'cache') });

test.each<Host>([
  { platform: 'linux', arch: 'x64', glibc: '2.38' },
  { platform: 'linux', arch: 'arm64', glibc: '2.41' },
  { platform: 'linux', arch: 'x64', glibc: '3.0' },
  { platform: 'darwin', arch: 'arm64', glibc: undefined },
])('$platform-$arch with glibc $glibc runs Node as it is', async (host) => {
  expect(await find(host, root)).toEqual([process.execPath]);
});

test.each([
  { host: { platform: 'win32', arch: 'x64', glibc: undefined }, says: 'no build for win32-x64' },
  { host: { platform: 'darwin', arch: 'x64', glibc: undefined }, says: 'no build for darwin-x64' },
  { host: { platform: 'linux', arch: 'ia32', glibc: '2.41' }, says: 'no build for linux-ia32' },
  { host: { platform: 'linux', arch: 'x64', glibc: undefined }, says: 'another C library' },
  { host: debian12, says: 'needs glibc 2.38 or newer, and this system has 2.36' },
])('$host.platform-$host.arch with glibc $host.glibc is told of MONGODB_URI', async ({ host, says }) => {
  const error = await find(host, root).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EmbeddedUnavailableError);
  expect((error as Error).message).toContain(says);
  expect((error as Error).message).toMatch(/\. Set MONGODB_URI to use a MongoDB server instead\.$/);
});

test.skipIf(!hasApt)('a release that nobody signed is refused, and nothing of it stays', async () => {
  const archive = path.join(root, 'debian');
  const aptDir = path.join(root, 'apt');
  await mkdir(path.join(archive, 'dists/trixie/main/binary-amd64'), { recursive: true });
  await mkdir(aptDir);
  await writeFile(path.join(archive, 'dists/trixie/Release'), 'Suite: trixie\nCodename: trixie\n');
  await writeFile(path.join(archive, 'dists/trixie/main/binary-amd64/Packages'), '');
  await writeFile(path.join(aptDir, 'sources.list'), `deb [trusted=yes] file:${archive} bookworm main\n`);

  const error = await find(debian12, aptDir).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EmbeddedUnavailableError);
  expect((error as Error).message).toMatch(/not signed.*Set MONGODB_URI/);
  expect(await readdir(path.join(root, 'cache'))).toEqual([]);
});
