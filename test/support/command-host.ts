import { runCommand } from '../../src/commands/commands.ts';
import type { HostedRun } from './command.ts';

// Runs the project's commands one after the other in one process, since reading the code takes far longer than a command.
// Each has arguments, environment and directory of its own; its modules are those of the ones before.

class Exit extends Error {}

process.exit = (code) => {
  process.exitCode = code ?? process.exitCode;
  throw new Exit();
};

async function run({ name, args, env, cwd, mark }: HostedRun): Promise<void> {
  process.env = { ...env };
  process.exitCode = undefined;
  process.chdir(cwd);
  try {
    process.exitCode = await runCommand([name, ...args], env);
  } catch (error) {
    if (!(error instanceof Exit)) {
      console.error(error);
      process.exitCode = 1;
    }
  }
  const code = process.exitCode ?? 0;
  process.stderr.write(mark);
  process.stdout.write(`${code}${mark}`);
}

let last = Promise.resolve();
process.on('message', (given: HostedRun) => {
  last = last.then(() => run(given));
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
