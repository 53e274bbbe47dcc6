import { PolicyError } from '../policy/load.ts';
import { meantBy } from '../policy/nearest.ts';
import { alignColumns } from '../policy/text-table.ts';
import { ConfigError, type Environment } from '../process/config.ts';
import { readVersion } from '../process/version.ts';
import { say, tell } from './output.ts';

/** A command: its module is loaded once somebody types it. */
interface Command {
  readonly usage: string;
  /** @returns the exit code */
  readonly run: (args: readonly string[], env: Environment) => Promise<number>;
}

interface Entry {
  readonly says: string;
  readonly load: () => Promise<Command>;
}

/** Every command of `assent`. One more is a line here, and a module that gives `usage` and `run`. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  start: { says: 'starts the gateway', load: () => import('./start.ts') },
  health: { says: 'whether a gateway is ready, for supervisors', load: () => import('./health.ts') },
  token: { says: 'prints a signed token', load: () => import('./token.ts') },
  seed: { says: 'loads a file of people', load: () => import('./seed.ts') },
  policy: { says: 'the content, gaps and changes of a policy', load: () => import('./policy.ts') },
  schema: { says: 'writes the GraphQL schema', load: () => import('./schema.ts') },
  ledger: { says: 'checks and mends the hash chains', load: () => import('./ledger.ts') },
  store: { says: 'checks, prepares and migrates the database', load: () => import('./store.ts') },
  keys: { says: 'changes keys', load: () => import('./keys.ts') },
  verify: { says: 'checks a receipt, without a gateway', load: () => import('./verify.ts') },
  backup: { says: 'copies the database into sealed files', load: () => import('./backup.ts') },
  restore: { says: 'restores a database, and repeats erasures since', load: () => import('./restore.ts') },
};

const HELP = `usage: assent COMMAND [--help]
${alignColumns(Object.entries(COMMANDS).map(([name, { says }]) => [`  ${name}`, says]))}
  --version, --help
The environment configures every command alike; docs/configuration.md lists its variables.`;

const CANNOT_RUN = 2;

/**
 * Faults in the input or the configuration are told in their own words; any other with all details that help to find
 * it.
 */
const isOfReader = (error: unknown): error is Error =>
  error instanceof ConfigError ||
  error instanceof PolicyError ||
  String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');

async function carryOut(command: Command, args: readonly string[], env: Environment): Promise<number> {
  try {
    return await command.run(args, env);
  } catch (error) {
    if (!isOfReader(error)) throw error;
    tell(error.message);
    return CANNOT_RUN;
  }
}

/**
 * Runs the command typed behind `assent`.
 *
 * @returns the exit code; 2 where there is no such command
 */
export async function runCommand(typed: readonly string[], env: Environment): Promise<number> {
  const [name, ...args] = typed;
  const entry = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const isAsked = (flag: string) => name === flag || (entry !== undefined && args.includes(flag));
  if (isAsked('--version')) say(await readVersion());
  else if (isAsked('--help')) say(entry ? (await entry.load()).usage : HELP);
  else if (entry) return carryOut(await entry.load(), args, env);
  else {
    tell(name === undefined ? HELP : `expected a command of assent${meantBy(name, Object.keys(COMMANDS))}\n${HELP}`);
    return CANNOT_RUN;
  }
  return 0;
}
