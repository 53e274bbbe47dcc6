import { readFile } from 'node:fs/promises';
import { ConfigError, type Environment } from './config.ts';

/**
 * The key that seals backups: the content of a file, else of the environment. It is not KEY_ENCRYPTION_KEY, so that one
 * of the two alone opens nothing of anybody.
 *
 * @throws {ConfigError}
 */
export async function readBackupKey(file: string | undefined, env: Environment): Promise<Buffer> {
  const text =
    file === undefined
      ? env.BACKUP_KEY
      : await readFile(file, 'utf8').catch(() => {
          throw new ConfigError('--key-file: expected a file that can be read');
        });
  const key = Buffer.from(text ?? '', 'base64');
  if (key.length !== 32) throw new ConfigError('--key-file or BACKUP_KEY: expected 32 bytes in base64');
  if (env.KEY_ENCRYPTION_KEY && key.equals(Buffer.from(env.KEY_ENCRYPTION_KEY, 'base64')))
    throw new ConfigError('--key-file or BACKUP_KEY: expected another key than KEY_ENCRYPTION_KEY');
  return key;
}
