import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../support/readme.ts';

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
}

const readProject = (name: string) => readFile(path.join(PROJECT, name), 'utf8');
const lockedIn = async (name: string) => {
  const lock = JSON.parse(await readProject(name)) as { packages: Record<string, Locked> };
  return Object.entries(lock.packages).filter(([place]) => place !== '');
};

const run = (command: string, args: readonly string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { cwd: PROJECT, maxBuffer: 16_000_000 };
    const child = execFile(command, args, options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

const licences = (...args: string[]) => run(process.execPath, ['--import', 'tsx', 'scripts/licences.ts', ...args]);

test.each([
  'package-lock.json',
  'scripts/versions/package-lock.json',
])('every package of %s is locked to one version and the content of it, from the registry', async (name) => {
  const installed = await lockedIn(name);
  expect(installed).not.toEqual([]);
  const loose = installed.filter(
    ([, { version, integrity, resolved }]) =>
      !/^\d+\.\d+\.\d+/.test(version) ||
      !integrity?.startsWith('sha512-') ||
      (resolved !== undefined && !resolved.startsWith('https://')),
  );
  expect(loose).toEqual([]);
});

test('no package may run anything while it is installed', async () => {
  expect(await readProject('.npmrc')).toMatch(/^ignore-scripts=true$/m);
});

test('every licence is allowed, and the one that is no open source licence is named', async () => {
  const { code, stdout, stderr } = await licences();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^SSPL-1\.0 of @0q\/embedded-mongodb: not an open source licence/m);
});

test('a package without a licence, with another one, or with that of the engine without being it, is refused', async () => {
  const packages = {
    '': {},
    'node_modules/allowed': { license: 'MIT' },
    'node_modules/a-choice': { license: '(AGPL-3.0 OR MIT)' },
    'node_modules/tool': { license: 'MPL-2.0', dev: true },
    'node_modules/another': { license: 'AGPL-3.0' },
    'node_modules/both-at-once': { license: 'MIT AND AGPL-3.0' },
    'node_modules/like-the-engine': { license: 'SSPL-1.0' },
    'node_modules/none': {},
    'node_modules/allowed/node_modules/inner': { license: 'GPL-3.0' },
    'node_modules/shipped': { license: 'MPL-2.0' },
  };
  const dir = await mkdtemp(path.join(tmpdir(), 'assent-lock-'));
  const file = path.join(dir, 'package-lock.json');
  await writeFile(file, JSON.stringify({ packages }));
  const { code, stderr } = await licences('--lock', file);
  await rm(dir, { recursive: true });
  const refused = stderr.trim().split('\n');
  expect(refused.map((line) => line.split(': ')[0])).toEqual([
    'another',
    'both-at-once',
    'like-the-engine',
    'none',
    'inner',
    'shipped',
  ]);
  expect(code).toBe(1);
});

test('the bill of materials names every package that is shipped, in CycloneDX', async () => {
  const { scripts } = JSON.parse(await readProject('package.json')) as { scripts: Record<string, string> };
  const [command = '', ...args] = scripts.sbom?.split(' ') ?? [];
  const { stdout } = await run(command, args);
  const { bomFormat, components } = JSON.parse(stdout) as {
    bomFormat: string;
    components: { group?: string; name: string; version: string; hashes: unknown[] }[];
  };
  expect(bomFormat).toBe('CycloneDX');
  const { packages } = JSON.parse(await readProject('package-lock.json')) as {
    packages: Record<string, { version: string; dev?: boolean }>;
  };
  const shipped = Object.entries(packages).flatMap(([place, { version, dev }]) =>
    place === '' || dev ? [] : `${place.replace(/^.*node_modules\//, '')}@${version}`,
  );
  const named = components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`);
  expect(named.sort()).toEqual([...new Set(shipped)].sort());
  expect(components.filter(({ hashes }) => hashes?.length !== 1)).toEqual([]);
});
