import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PROJECT } from './readme.ts';
import { SYSTEM_ENV } from './shell.ts';

/** The program itself, as `npm start` runs it, on a free port. */
export interface MainProcess {
  /** `http://127.0.0.1:` and the port. */
  readonly origin: string;
  /** What it told when it started, with its last line break. */
  readonly told: () => string;
  readonly stop: () => Promise<void>;
}

/** @throws {Error} with what it said where it ends before it listens */
export async function startMain(env: Readonly<Record<string, string>>): Promise<MainProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: PROJECT,
    env: { ...SYSTEM_ENV, ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let told = '';
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const origin = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      const found = /listening on (http:\/\/[^/\s]+)\//.exec(told)?.[1];
      if (found !== undefined) resolve(found);
    });
    ended.then(() => reject(new Error(`The gateway has ended: ${complaints}`)), reject);
  });
  return {
    origin,
    told: () => told,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
