import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { PROJECT } from '../support/readme.ts';

/** A line of Node, and the program of one release of it. */
export interface NodeLine {
  readonly line: string;
  readonly program: string;
}

const FILES = ['package.json', 'package-lock.json'];
const LIST = path.join(PROJECT, 'scripts/versions');

const execute = promisify(execFile);
const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

const { optionalDependencies } = JSON.parse(await readFile(path.join(LIST, 'package.json'), 'utf8')) as {
  optionalDependencies: Record<string, string>;
};
const ENDING = `-${process.platform}-${process.arch}`;

/** The lines that are tried on this kind of machine: `22`, `24` and so on. */
export const LINES = Object.keys(optionalDependencies)
  .filter((name) => name.endsWith(ENDING))
  .map((name) => name.slice('node-'.length, -ENDING.length));

const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'assent');

/**
 * Fetches one release of each line from npm's registry, as the lock file pins it; once for each lock file, and kept in
 * the user's cache. The packages hold the program itself, so that no script of theirs has to run.
 *
 * @throws {Error} where the registry does not give them, or has none for this kind of machine
 */
export async function installNodeLines(): Promise<readonly NodeLine[]> {
  if (LINES.length === 0)
    throw new Error(`scripts/versions/package.json has no package for ${process.platform}-${process.arch}`);
  const lock = await readFile(path.join(LIST, 'package-lock.json'));
  const folder = path.join(CACHE, `node-lines-${createHash('sha256').update(lock).digest('hex').slice(0, 16)}`);
  if (!(await exists(folder))) await install(folder);
  return LINES.map((line) => ({ line, program: programOf(folder, line) }));
}

const programOf = (folder: string, line: string) => path.join(folder, `node_modules/node-${line}${ENDING}/bin/node`);

/** The folder appears whole or not at all: one that another run has made in the meantime is as good. */
async function install(folder: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
  const draft = await mkdtemp(`${folder}-`);
  try {
    for (const file of FILES) await copyFile(path.join(LIST, file), path.join(draft, file));
    await execute('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: draft }).catch((error) => {
      throw new Error(`npm could not fetch the releases of Node to try: ${error.stderr}`);
    });
    // npm goes on without an optional package that it does not get
    for (const line of LINES)
      if (!(await exists(programOf(draft, line))))
        throw new Error(`npm's registry did not give the release of Node ${line} to try`);
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
