import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Outcome, runCommand } from './command.ts';

interface Asked {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const SHIM = fileURLToPath(new URL('./npm-shim.mjs', import.meta.url));

const throughNpm = ({ args, cwd, env }: Asked) =>
  new Promise<Outcome>((resolve) => {
    const { PATH = process.env.PATH } = process.env;
    const child = execFile('npm', [...args], { cwd, env: { ...env, PATH } }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

/**
 * An npm for shells of tests that runs the project's commands in one process, since npm and reading the code take far
 * longer than a command. The first run of each command goes through npm itself.
 */
export async function openNpm() {
  const dir = await mkdtemp(path.join(tmpdir(), 'assent-npm-'));
  const known = new Set<string>();
  const answer = (asked: Asked): Promise<Outcome> => {
    const [run, silent, name = '', dashes, ...args] = asked.args;
    const isCommand = run === 'run' && silent === '-s' && (dashes === undefined || dashes === '--');
    if (!isCommand || !known.has(name)) {
      known.add(name);
      return throughNpm(asked);
    }
    return runCommand(name, args, asked);
  };
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    const asked: Asked = JSON.parse(await text(socket));
    socket.end(JSON.stringify(await answer(asked)));
  });
  const socketPath = path.join(dir, 'socket');
  server.listen(socketPath);
  await once(server, 'listening');
  const script = `#!/bin/sh\nexec '${process.execPath}' '${SHIM}' "$@"\n`;
  await writeFile(path.join(dir, 'npm'), script, { mode: 0o755 });
  return {
    env: { PATH: `${dir}:${process.env.PATH}`, NPM_SOCKET: socketPath },
    close: async () => {
      server.close();
      await rm(dir, { recursive: true });
    },
  };
}
