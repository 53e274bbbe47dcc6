import { ClassificationError } from '../enforcement/classification.ts';
import { TrustedDocumentsError } from '../http/guards/trusted-documents.ts';
import { IssuersError } from '../http/issuers-file.ts';
import { DatabaseFormError } from '../migrations/form.ts';
import { PolicyError } from '../policy/load.ts';
import { ConfigError, type Environment, readConfig, readWorkers } from '../process/config.ts';
import { start } from '../process/start.ts';
import { NoWorkerError } from '../process/workers.ts';
import { DataDirectoryError } from '../store/local-secret.ts';
import { UnsupportedServerError } from '../store/mongo/server-version.ts';
import { KeyEncryptionKeyError } from '../store/secrets.ts';
import { say, tell } from './output.ts';

export const usage = `usage: assent start [--workers N]
Starts the gateway: over MONGODB_URI, or over a database of its own in DATA_DIR.
  --workers N  processes that answer on one port, 1 to 64; 1 where nothing is said
  --help, --version  tell and end
docs/configuration.md lists the variables of the environment.`;

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

/** Starts the gateway, which goes on until a signal ends it. */
export async function run(args: readonly string[], env: Environment): Promise<number> {
  try {
    await start(readConfig(env), readWorkers(args), say);
    return 0;
  } catch (error) {
    if (!(error instanceof NoWorkerError))
      tell(`Assent can't start.\n${isMendable(error) ? error.message : (error as Error).stack}`);
    process.exit(1);
  }
}
