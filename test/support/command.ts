import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PROJECT } from './readme.ts';
import { SYSTEM_ENV } from './shell.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command for the host of commands. */
export interface HostedRun {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Ends the output of the command in each stream. */
  readonly mark: string;
}

export interface CommandOptions {
  /** Variables beside those of the system. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const HOST = fileURLToPath(new URL('./command-host.ts', import.meta.url));

const PROGRAM = path.join(PROJECT, 'src/assent.ts');

/** Runs a command of the project in a process of its own, as a person at a keyboard does. */
export const spawnCommand = (name: string, args: readonly string[], { env = {}, cwd = PROJECT }: CommandOptions = {}) =>
  new Promise<Outcome>((resolve) => {
    const options = { cwd, env: { ...SYSTEM_ENV, ...env } };
    const child = execFile(process.execPath, ['--import', TSX, PROGRAM, name, ...args], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

/** Reads a stream in pieces, each up to a mark. */
const reader = (stream: Readable) => {
  let text = '';
  let look = () => {};
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    look();
  });
  return (mark: string) =>
    new Promise<string>((resolve) => {
      look = () => {
        const end = text.indexOf(mark);
        if (end < 0) return;
        const found = text.slice(0, end);
        text = text.slice(end + mark.length);
        resolve(found);
      };
      look();
    });
};

function openHost() {
  const child = spawn(process.execPath, ['--import', TSX, HOST], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.unref();
  child.channel?.unref();
  const [readOut, readErr] = [reader(child.stdout as Readable), reader(child.stderr as Readable)];
  let last: Promise<unknown> = Promise.resolve();
  const run = async (given: Omit<HostedRun, 'mark'>): Promise<Outcome> => {
    const mark = `\0${randomUUID()}\n`;
    child.send({ ...given, mark } satisfies HostedRun);
    const [out, stderr] = await Promise.all([readOut(mark), readErr(mark)]);
    const [, stdout = '', code] = /^(.*?)(\d+)$/s.exec(out) ?? [];
    return { code: Number(code), stdout, stderr };
  };
  return {
    run: (given: Omit<HostedRun, 'mark'>): Promise<Outcome> => {
      const outcome = last.then(() => run(given));
      last = outcome.catch(() => {});
      return outcome;
    },
  };
}

let host: ReturnType<typeof openHost> | undefined;

/** Runs a command of the project in the process that all commands of this worker share, after those asked for before. */
export function runCommand(name: string, args: readonly string[], { env = {}, cwd = PROJECT }: CommandOptions = {}) {
  host ??= openHost();
  return host.run({ name, args, cwd, env: { ...SYSTEM_ENV, ...env } });
}
