import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const FILES = ['package.json', 'package-lock.json'] as const;
const MOST_BYTES = 64 * 2 ** 20;

interface Described {
  readonly dev?: boolean;
  readonly devDependencies?: unknown;
}

const readJson = async (file: string) => JSON.parse(await readFile(path.join(PROJECT, file), 'utf8'));
const withoutDevelopment = <Part extends Described>({ devDependencies: _, ...rest }: Part) => rest;

/** The two files as they are without the packages of development. */
async function shippedFiles(): Promise<readonly object[]> {
  const [manifest, lock] = await Promise.all(FILES.map(readJson));
  const packages = Object.entries<Described>(lock.packages)
    .filter(([, { dev }]) => dev !== true)
    .map(([place, described]) => [place, withoutDevelopment(described)]);
  return [withoutDevelopment(manifest), { ...lock, packages: Object.fromEntries(packages) }];
}

/**
 * Prints the bill of materials of everything that is shipped, in CycloneDX. npm leaves out packages of development also
 * where a shipped package needs them. So npm gets a project without any package of development.
 */
async function printBill(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'assent-sbom-'));
  try {
    const contents = await shippedFiles();
    await Promise.all(
      FILES.map((file, index) => writeFile(path.join(folder, file), JSON.stringify(contents[index], null, 2))),
    );
    const options = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
    const { stdout } = await run('npm', options, { cwd: folder, maxBuffer: MOST_BYTES });
    process.stdout.write(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

await printBill();
