import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PROJECT } from './readme.ts';
import { SYSTEM_ENV } from './shell.ts';

/** The program itself, as `npm start` runs it, on a free port, from its first instant on. */
export interface StartingProcess {
  readonly pid: number;
  /** `http://127.0.0.1:` and the port, once it listens. If it ends before, fails with its output. */
  readonly listening: Promise<string>;
  /** Its output so far, with the last line break. */
  readonly told: () => string;
  /** Its log so far. */
  readonly logged: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly stop: () => Promise<void>;
}

/** The program once it listens. */
export interface MainProcess extends StartingProcess {
  readonly origin: string;
}

/** The compiled program, under this Node. */
const COMPILED = [process.execPath, 'dist/main.js'] as const;

/** @param command  the command line of the program: Node, its options and the file */
export function spawnMain(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  [node, ...options]: readonly [string, ...string[]] = COMPILED,
): StartingProcess {
  const child = spawn(node, [...options, ...args], {
    cwd: PROJECT,
    env: { ...SYSTEM_ENV, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // a test that fails leaves nothing behind
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  let told = '';
  let logged = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    logged += text;
  });
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      const found = /listening on (http:\/\/[^/\s]+)\//.exec(told)?.[1];
      if (found !== undefined) resolve(found);
    });
    ended.then(() => reject(new Error(`The gateway has ended: ${logged}`)), reject);
  });
  // one that is never waited for is no fault of the test
  listening.catch(() => {});
  return {
    pid: child.pid as number,
    listening,
    told: () => told,
    logged: () => logged,
    signal: (name) => void child.kill(name),
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** @throws {Error} with its output, if it ends before it listens */
export async function startMain(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  command: readonly [string, ...string[]] = COMPILED,
): Promise<MainProcess> {
  const starting = spawnMain(env, args, command);
  return { ...starting, origin: await starting.listening };
}
