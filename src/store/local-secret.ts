import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The data directory can't be read or written. */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError';
}

/** @throws {DataDirectoryError} for a refusal of the system, with the code of its error (`EACCES`, `EROFS`, ...) */
const refusedBySystem = (error: NodeJS.ErrnoException): never => {
  if (error.code === undefined) throw error;
  throw new DataDirectoryError(`DATA_DIR: expected a directory that can be read and written (${error.code}).`);
};

/**
 * A secret in the data directory, readable by its owner alone; the first process that needs it makes it. Two processes
 * that start at once agree on one secret: the file appears whole under its name, or not at all.
 *
 * @param create  makes the file's content
 * @throws {DataDirectoryError}
 */
export async function openLocalSecret(dataDir: string, name: string, create: () => Promise<string>): Promise<string> {
  const file = path.join(dataDir, name);
  const known = await findLocalSecret(dataDir, name);
  if (known !== null) return known;
  await mkdir(dataDir, { recursive: true, mode: 0o700 }).catch(refusedBySystem);
  const draft = path.join(dataDir, `.${name}.${randomUUID()}`);
  await writeFile(draft, await create(), { mode: 0o600, flag: 'wx' }).catch(refusedBySystem);
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}

/** The content of such a file; null if it does not exist. */
export const findLocalSecret = (dataDir: string, name: string): Promise<string | null> =>
  readFile(path.join(dataDir, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    return refusedBySystem(error);
  });
