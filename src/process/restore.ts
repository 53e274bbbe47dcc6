import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { layFoundation } from '../gateway/foundation.ts';
import { createServices } from '../gateway/services.ts';
import { type Verification, verify } from '../ledger/verify/verify.ts';
import { FORM, markRestored, markRestoring, PRESENT_FORM } from '../migrations/form.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import type { Store } from '../store/mongo/connection.ts';
import { addDocuments, type Documents, findFilled } from '../store/mongo/documents.ts';
import { emptyCollections } from '../store/mongo/empty.ts';
import { MARKS } from '../store/mongo/repositories/marks.ts';
import { findSharedSecret, KeyEncryptionKeyError } from '../store/secrets.ts';
import { BackupError, type Manifest, readBackup } from './backup.ts';
import type { Config } from './config.ts';

export interface Files {
  readonly data: string;
  readonly keys: string;
  /** 32 bytes, which seal both. */
  readonly key: Buffer;
}

export interface Restored {
  readonly data: Manifest;
  /** The number of people erased again: their first erasure came after the copy of the data. */
  readonly erased: number;
  readonly verification: Verification;
}

const isOfPresentForm = ({ form }: Manifest) => [...form].sort().join() === [...PRESENT_FORM].sort().join();

/** Reads both files to their ends, so that nothing is written of one that is at fault. */
async function check({ data: dataFile, keys: keysFile, key }: Files): Promise<Manifest> {
  const data = await readBackup('data', dataFile, key);
  const keys = await readBackup('keys', keysFile, key);
  if (!isOfPresentForm(data) || !isOfPresentForm(keys))
    throw new BackupError(
      `the backup has another form than this version keeps: restore it with version ${data.assent}, then update`,
    );
  // a person that joined between the two copies would have no key, and be taken for erased
  if (keys.at < data.at)
    throw new BackupError('the backup of keys: expected one that is not older than that of the data');
  return data;
}

async function requireKeyEncryptionKey(store: Store, config: Config): Promise<void> {
  if ((await findSharedSecret(store, config, 'shared secret')) === null)
    throw new KeyEncryptionKeyError(
      'KEY_ENCRYPTION_KEY: expected the key that the database of the backup was set up with',
    );
}

/** The mark of the form is set once all else is done; the other marks are as they were. */
const withoutForm = ({ collection, documents }: Documents): Documents => ({
  collection,
  documents: collection === MARKS ? documents.filter(({ _id }) => _id !== FORM) : documents,
});

/**
 * Restores a database from its backup, into one that is empty. People without a key were erased since: they are erased
 * again before any gateway can read the restored data.
 *
 * @throws {SealedFileError} a file that was changed, or another key; before anything is written
 * @throws {BackupError} files that do not go together; nothing stays written
 * @throws {KeyEncryptionKeyError} keys that can't be unwrapped; nothing stays written
 */
export async function restore(
  files: Files,
  {
    store,
    clock,
    log,
    config,
    policy,
  }: {
    readonly store: Store;
    readonly clock: Clock;
    readonly log: Log;
    readonly config: Config;
    readonly policy: LoadedPolicy;
  },
): Promise<Restored> {
  const data = await check(files);
  const filled = await findFilled(store);
  if (filled !== null) throw new BackupError(`expected an empty database: its collection ${filled} holds something`);
  const add = async (some: Documents) => {
    const wanted = withoutForm(some);
    if (wanted.documents.length > 0) await addDocuments(store, wanted);
  };
  await markRestoring(store);
  try {
    await readBackup('keys', files.keys, files.key, add);
    await requireKeyEncryptionKey(store, config);
    await readBackup('data', files.data, files.key, add);
    const services = createServices({ ...(await layFoundation(store, policy, config, clock)), log });
    const { left, erased } = await services.erasure.repeat();
    await services.changes.idle();
    if (left === 0 && erased > 0) throw new BackupError('the backup of keys: expected one of the same database');
    await markRestored(store);
    return { data, erased, verification: await verify(store) };
  } catch (error) {
    await emptyCollections(store, new Set());
    throw error;
  }
}
