import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { PROJECT } from './readme.ts';

/** The variables of the tests' environment that our commands need. */
export const SYSTEM_ENV = { PATH: process.env.PATH, HOME: process.env.HOME };

/** A shell that stays open, as a reader's does: variables and functions last from one command to the next. */
export function openShell(env: Readonly<Record<string, string>>) {
  const shell = spawn('bash', ['--noprofile', '--norc'], { cwd: PROJECT, env: { ...SYSTEM_ENV, ...env } });
  const ended = once(shell, 'exit');
  let printed = '';
  let onPrinted = () => {};
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    onPrinted();
  });
  return {
    /** @returns the output with its errors, without the last line break */
    run: (code: string) =>
      new Promise<string>((resolve, reject) => {
        const mark = randomUUID();
        printed = '';
        onPrinted = () => {
          const end = printed.indexOf(`\n${mark}`);
          if (end >= 0) resolve(printed.slice(0, end).trimEnd());
        };
        ended.then(() => reject(new Error(`The shell has ended: ${printed}`)), reject);
        shell.stdin.write(`{ ${code}\n} < /dev/null 2>&1\nprintf '\\n%s\\n' ${mark}\n`);
      }),
    close: () => shell.stdin.end(),
  };
}
