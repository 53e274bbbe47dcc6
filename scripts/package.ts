import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

// Packs the output of `npm run build`, without the parts that only serve development. The package brings the versions
// of its dependencies along: npm heeds `overrides` and a lock file in the folder of a project alone, and a shrinkwrap
// in a package.

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const execute = promisify(execFile);

interface Manifest {
  readonly dev?: boolean;
  readonly scripts?: object;
  readonly devDependencies?: object;
}

interface Lock {
  readonly packages: Record<string, Manifest>;
}

const shippedOf = ({ scripts: _, devDependencies: __, ...rest }: Manifest): Manifest => rest;

const shrinkwrapOf = (lock: Lock): Lock => ({
  ...lock,
  packages: Object.fromEntries(
    Object.entries(lock.packages).flatMap(([place, manifest]) =>
      manifest.dev ? [] : [[place, place === '' ? shippedOf(manifest) : manifest]],
    ),
  ),
});

const readJson = async (...file: string[]) => JSON.parse(await readFile(path.join(...file), 'utf8'));
const writeJson = (value: object, ...file: string[]) =>
  writeFile(path.join(...file), `${JSON.stringify(value, null, 2)}\n`);

/** @returns the path of the archive */
async function pack(folder: string, to: string): Promise<string> {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', to];
  const { stdout } = await execute('npm', args, { cwd: folder });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return path.join(to, filename);
}

const { values } = parseArgs({ options: { to: { type: 'string', default: '.' } } });
const stage = await mkdtemp(path.join(tmpdir(), 'assent-package-'));
try {
  await execute('tar', ['-xzf', await pack(PROJECT, stage), '-C', stage]);
  const folder = path.join(stage, 'package');
  await writeJson(shippedOf(await readJson(folder, 'package.json')), folder, 'package.json');
  await writeJson(shrinkwrapOf(await readJson(PROJECT, 'package-lock.json')), folder, 'npm-shrinkwrap.json');
  console.log(await pack(folder, path.resolve(values.to)));
} finally {
  await rm(stage, { recursive: true });
}
