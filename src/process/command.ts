import { readFile } from 'node:fs/promises';
import { ClassificationError } from '../enforcement/classification.ts';
import { TrustedDocumentsError } from '../http/guards/trusted-documents.ts';
import { IssuersError } from '../http/issuers-file.ts';
import { DatabaseFormError } from '../migrations/form.ts';
import { PolicyError } from '../policy/load.ts';
import { DataDirectoryError } from '../store/local-secret.ts';
import { UnsupportedServerError } from '../store/mongo/server-version.ts';
import { KeyEncryptionKeyError } from '../store/secrets.ts';
import { ConfigError, type Environment, readConfig, readWorkers } from './config.ts';
import { start } from './start.ts';
import { NoWorkerError } from './workers.ts';

const HELP = `usage: npm start [-- --workers N]
Starts the gateway: over MONGODB_URI, or over a database of its own in DATA_DIR.
  --workers N  processes that answer on one port, 1 to 64; 1 where nothing is said
  --help       says this
  --version    says the version
README.md lists the variables of the environment.`;

const tell = (line: string) => process.stdout.write(`${line}\n`);

/** Faults that a person can mend are told in their own words; any other with all that helps to find it. */
const isMendable = (error: unknown): error is Error =>
  error instanceof ConfigError ||
  error instanceof PolicyError ||
  error instanceof ClassificationError ||
  error instanceof TrustedDocumentsError ||
  error instanceof IssuersError ||
  error instanceof DatabaseFormError ||
  error instanceof KeyEncryptionKeyError ||
  error instanceof DataDirectoryError ||
  (error instanceof Error && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') ||
  error instanceof UnsupportedServerError ||
  (error instanceof Error && error.name === 'EmbeddedUnavailableError');

const INFORMATION: Readonly<Record<string, () => Promise<string>>> = {
  '--help': async () => HELP,
  '--version': async () =>
    JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')).version as string,
};

/** Starts the gateway, or tells of it, as the arguments of the program ask. */
export async function run(args: readonly string[], env: Environment): Promise<void> {
  try {
    const inform = INFORMATION[args.find((arg) => Object.hasOwn(INFORMATION, arg)) ?? ''];
    if (inform) tell(await inform());
    else await start(readConfig(env), readWorkers(args), tell);
  } catch (error) {
    if (!(error instanceof NoWorkerError))
      process.stderr.write(`Assent can't start.\n${isMendable(error) ? error.message : (error as Error).stack}\n`);
    process.exit(1);
  }
}
