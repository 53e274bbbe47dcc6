import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../../../base/log.ts';
import { unpackPackage } from './apt.ts';
import { type SourcesFile, successorSources } from './apt-sources.ts';

/** The embedded engine cannot run here. The message gives the reason, and `MONGODB_URI` as the alternative. */
export class EmbeddedUnavailableError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`${why}. Set MONGODB_URI to use a MongoDB server instead.`, options);
    this.name = 'EmbeddedUnavailableError';
  }
}

/** The properties of the system that the engine's library depends on; `glibc` is absent under another C library. */
export interface Host {
  readonly platform: string;
  readonly arch: string;
  readonly glibc: string | undefined;
}

export interface NodeCommandOptions {
  readonly log: Log;
  readonly host?: Host;
  /** The directory that keeps a fetched glibc between starts. */
  readonly cacheDir?: string;
  readonly aptDir?: string;
}

interface Abi {
  readonly debian: string;
  readonly triplet: string;
  readonly loader: string;
}

/** A program and its leading arguments. */
export type Command = readonly [program: string, ...args: string[]];

const REQUIRED_GLIBC = '2.38';
const ABIS = new Map<string, Abi>([
  ['x64', { debian: 'amd64', triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' }],
  ['arm64', { debian: 'arm64', triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' }],
]);
const GLIBC_VERSION = 'process.report.excludeNetwork = true, process.report.getReport().header.glibcVersionRuntime';

const execute = promisify(execFile);
const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

const thisGlibc = (): string | undefined => {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork: boolean };
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  report.excludeNetwork = before;
  return header.glibcVersionRuntime;
};

const thisHost = (): Host => ({
  platform: process.platform,
  arch: process.arch,
  glibc: process.platform === 'linux' ? thisGlibc() : undefined,
});

const thisCacheDir = () => path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'assent');

const isOlder = (version: string, required: string) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [requiredMajor = 0, requiredMinor = 0] = required.split('.').map(Number);
  return major < requiredMajor || (major === requiredMajor && minor < requiredMinor);
};

const underLoader = (tree: string, { triplet, loader }: Abi): Command => {
  const libraries = path.join(tree, 'usr/lib', triplet);
  const searched = [libraries, `/lib/${triplet}`, `/usr/lib/${triplet}`].join(':');
  return [path.join(libraries, loader), '--library-path', searched, process.execPath];
};

const readSources = async (aptDir: string): Promise<SourcesFile[]> => {
  const parts = await readdir(path.join(aptDir, 'sources.list.d')).catch(() => []);
  const names = ['sources.list', ...parts.sort().map((part) => path.join('sources.list.d', part))];
  const read = (name: string) => readFile(path.join(aptDir, name), 'utf8').catch(() => '');
  return Promise.all(names.map(async (name) => ({ name, text: await read(name) })));
};

const proveLoads = async ([program, ...args]: Command) => {
  const { stdout } = await execute(program, [...args, '-p', GLIBC_VERSION]);
  if (isOlder(stdout, REQUIRED_GLIBC)) throw new Error(`it holds glibc ${stdout.trim()}`);
};

// several processes may fetch at once: the result of the first to finish stays, and all use it
const publish = async (tree: string, into: string) => {
  await rename(tree, into).catch(async (error: unknown) => {
    if (!(await exists(into))) throw error;
  });
};

const faultOf = (error: unknown) => {
  const text = (error as { stderr?: string }).stderr || (error instanceof Error ? error.message : String(error));
  const lines = text.trim().split('\n');
  return lines.find((line) => /^(E|Err)\b/.test(line)) ?? lines[0];
};

const fetchGlibc = async (into: string, abi: Abi, { log, host, aptDir }: { log: Log; host: Host; aptDir: string }) => {
  const lacking = `The embedded MongoDB engine needs glibc ${REQUIRED_GLIBC} or newer, and this system has ${host.glibc}`;
  const sources = successorSources(await readSources(aptDir));
  if (sources.length === 0)
    throw new EmbeddedUnavailableError(`${lacking}; no newer release of it is known to fetch one from with apt`);
  const failures: string[] = [];
  await mkdir(path.dirname(into), { recursive: true, mode: 0o700 });
  const workDir = await mkdtemp(`${into}-`);
  try {
    for (const source of sources) {
      log.info(
        `Fetching a newer glibc (${source.suite}) for the embedded database; this happens once and takes seconds.`,
      );
      try {
        const tree = await unpackPackage('libc6', source, abi.debian, workDir);
        await proveLoads(underLoader(tree, abi));
        await publish(tree, into);
        log.info(`The glibc for the embedded database is ready in ${into}.`);
        return;
      } catch (error) {
        failures.push(`${source.suite}: ${faultOf(error)}`);
      }
    }
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
  throw new EmbeddedUnavailableError(`${lacking}; apt could not fetch a newer one (${failures.join('; ')})`);
};

/**
 * The command that runs Node so that the embedded engine's library can be loaded: Node itself if the system's glibc is
 * new enough, otherwise Node under the loader of a newer glibc. apt downloads that once, without installing it.
 *
 * @throws {EmbeddedUnavailableError} no build of the engine for this system, or no newer glibc to be had
 */
export async function findNodeCommand(options: NodeCommandOptions): Promise<Command> {
  const { log, host = thisHost(), cacheDir = thisCacheDir(), aptDir = '/etc/apt' } = options;
  const { platform, arch, glibc } = host;
  if (platform === 'darwin' && arch === 'arm64') return [process.execPath];
  const abi = ABIS.get(arch);
  if (platform !== 'linux' || abi === undefined)
    throw new EmbeddedUnavailableError(`The embedded MongoDB engine has no build for ${platform}-${arch}`);
  if (glibc === undefined)
    throw new EmbeddedUnavailableError(
      'The embedded MongoDB engine needs glibc, and this system has another C library',
    );
  if (!isOlder(glibc, REQUIRED_GLIBC)) return [process.execPath];

  const tree = path.join(cacheDir, `libc6-${abi.debian}`);
  const command = underLoader(tree, abi);
  if (!(await exists(command[0])))
    await fetchGlibc(tree, abi, { log, host, aptDir }).catch((error: unknown) => {
      if (error instanceof EmbeddedUnavailableError) throw error;
      throw new EmbeddedUnavailableError(`A newer glibc could not be kept in ${cacheDir} (${faultOf(error)})`, {
        cause: error,
      });
    });
  return command;
}
