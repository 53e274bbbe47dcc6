import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';

/** One command that was typed as `npm run -s NAME -- ARGUMENTS`. */
export interface TypedCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

const CLIENT = fileURLToPath(new URL('./npm-client.js', import.meta.url));

/**
 * Runs the project's commands that are typed into shells. Each command goes through npm itself once, which shows that
 * npm knows it. Afterwards the host of commands runs it, since npm and the loader take far longer than a command.
 *
 * @param dir  an empty directory of the test's own
 */
export async function serveNpm(dir: string) {
  const socketPath = path.join(dir, 'npm.sock');
  const server = createServer(async (request, response) => {
    const { name, args, env, cwd } = (await json(request)) as TypedCommand;
    response.end(JSON.stringify(await runCommand(name, args, { env, cwd })));
  }).listen(socketPath);
  await once(server, 'listening');
  return {
    /** Puts itself in the place of npm in a shell. To make a directory succeeds once, whichever shell tries first. */
    shellFunction: `npm() {
      if [[ "$1 $2" != 'run -s' ]] || mkdir '${dir}'/"npm-$3" 2> /dev/null; then command npm "$@"
      else '${process.execPath}' '${CLIENT}' '${socketPath}' "\${@:3}"; fi
    }`,
    close: () => server.close(),
  };
}
