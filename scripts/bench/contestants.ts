import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const MAIN = '../../dist/main.js';
const without = (...modules: string[]) => ({
  args: ['--import', at('contestants/unenforced/register.js')],
  script: MAIN,
  env: { BENCH_WITHOUT: modules.join(',') },
});
const peer = (script: string) => ({ args: [], script: `contestants/${script}.js`, env: {} });

/** The contestants, each with a description. */
export const CONTESTANTS = {
  ours: { says: 'the gateway as `npm start` runs it', args: [], script: MAIN, env: {} },
  unrecorded: { says: 'ours, with nothing put on record', ...without('release-gate') },
  unenforced: { says: 'ours, without enforcement', ...without('shield', 'release-gate', 'access') },
  apollo: { says: 'Apollo Server, graphql-shield on every field', ...peer('apollo') },
  mercurius: { says: 'mercurius, jit, mercurius-auth on every personal field', ...peer('mercurius') },
  raw: { says: '`node:http`, a function for each operation', ...peer('raw') },
} as const;
export type ContestantName = keyof typeof CONTESTANTS;

export interface Contestant {
  readonly name: ContestantName;
  readonly origin: string;
  /** Seconds of processor time so far; null where the system does not tell. */
  readonly cpu: () => Promise<number | null>;
  /** Megabytes of memory in use; null where the system does not tell. */
  readonly memory: () => Promise<number | null>;
  readonly stop: () => Promise<void>;
}

const TICKS = 100;
const cpuOf = async (pid: number) => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};
/** Megabytes that a process has in memory; null where the system does not tell. */
export const memoryOf = async (pid: number) => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s*(\d+)/m.exec(status) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
};

/** @throws {Error} with its output, if it ends before it listens */
export async function startContestant(
  name: ContestantName,
  port: number,
  env: Readonly<Record<string, string>>,
  nodeArgs: readonly string[] = [],
): Promise<Contestant> {
  const { args, script, env: own } = CONTESTANTS[name];
  const child = spawn(process.execPath, [...nodeArgs, ...args, at(script)], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env, ...own, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const origin = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const found = /listening on (http:\/\/[^/\s]+)\//.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    ended.then(() => reject(new Error(`${name} has ended before it listened.`)), reject);
  });
  const pid = child.pid as number;
  return {
    name,
    origin,
    cpu: () => cpuOf(pid),
    memory: () => memoryOf(pid),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A request ready to be sent. */
export interface Shot {
  readonly authorization: string;
  readonly body: string;
}

/** The measurements of the load generator, latencies in milliseconds. */
export interface Volley {
  readonly requests: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

/** The load generator. One job at a time. */
export function startLoad() {
  const child: ChildProcess = fork(at('load.js'), { execArgv: [] });
  return {
    fire: async (origin: string, connections: readonly (readonly Shot[])[], seconds: number): Promise<Volley> => {
      child.send({ origin, connections, seconds });
      const [{ outcome, failed }] = (await once(child, 'message')) as [{ outcome: Volley; failed?: string }];
      if (failed !== undefined) throw new Error(failed);
      return outcome;
    },
    stop: () => child.kill(),
  };
}
