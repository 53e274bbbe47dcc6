import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { readPolicies, recordPolicy } from '../features/policy-versions/registry.ts';
import { requirePresentForm } from '../migrations/form.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { type LoadedPolicy, loadPolicy } from '../policy/load.ts';
import { ensureIndexes } from '../store/mongo/collection-layout.ts';
import { openStore, type Store } from '../store/mongo/connection.ts';
import { openStoreClock } from '../store/mongo/store-clock.ts';
import { type KeyEncryptionKeySource, openKeyEncryptionKey, openSharedSecret } from '../store/secrets.ts';
import { layoutOf, wordsOf } from './layout.ts';

/** The base of the gateway and of the scripts that write: a database that is ready, and the policy it is under. */
export interface Foundation {
  readonly store: Store;
  /** The one time of the database, for decisions, tokens and records. */
  readonly clock: Clock;
  readonly table: DecisionTable;
  /** The folder or file of the policy. */
  readonly bundle: string;
  /** The key that wraps the key of every person. */
  readonly keyEncryptionKey: Buffer;
  /** The same for every gateway on the database; every other secret is derived from it. */
  readonly sharedSecret: Buffer;
  /**
   * Puts the policy on record: once everything else has come to a good end.
   *
   * @returns the table as the record now has it: a version holds from the same instant for every gateway
   */
  readonly recordPolicy: () => Promise<DecisionTable>;
}

/** The part of the configuration about the database and the policy. */
export interface FoundationSettings extends KeyEncryptionKeySource {
  /** Outside of production a version of the policy may be edited while nobody has accepted it. */
  readonly production: boolean;
  readonly bundle: string;
  /** Undefined for the embedded engine, in the data directory. */
  readonly mongodbUri: string | undefined;
  /** Whether commands of the database are counted. */
  readonly metrics: boolean;
}

export interface FoundationOptions {
  /** Empties the database before anything of it is read, with any contents. */
  readonly reset?: (store: Store, clock: Clock) => Promise<void>;
}

/** The base on a store of the present form and a policy, which may be on record already. */
export async function layFoundation(
  store: Store,
  loaded: LoadedPolicy,
  config: FoundationSettings,
  clock: Clock,
): Promise<Foundation> {
  const editing = { editable: !config.production };
  const table = await readPolicies(store, loaded, clock.now(), editing);
  await ensureIndexes(store, layoutOf(wordsOf([...table.policies.values()])));
  const keyEncryptionKey = await openKeyEncryptionKey(store, config);
  const sharedSecret = await openSharedSecret(store, keyEncryptionKey, 'shared secret');
  return {
    store,
    clock,
    table,
    bundle: config.bundle,
    keyEncryptionKey,
    sharedSecret,
    recordPolicy: async () => {
      await recordPolicy(store, loaded, clock.now(), editing);
      return table.next === null ? table : readPolicies(store, loaded, clock.now(), editing);
    },
  };
}

/**
 * Reads the policy, opens the database and readies both for each other.
 *
 * @param given  the clock of a test; null for the time of the database
 * @throws {PolicyError} where the policy file is at fault, before the database is touched
 * @throws {DatabaseFormError} the database has the form of another version of this program
 */
export async function openFoundation(
  config: FoundationSettings,
  given: Clock | null,
  log: Log,
  { reset }: FoundationOptions = {},
): Promise<Foundation> {
  const policy = await loadPolicy(config.bundle);
  const { mongodbUri: uri, dataDir, metrics: countCommands } = config;
  const store = await openStore({ dataDir, log, countCommands, ...(uri !== undefined && { uri }) });
  try {
    const clock = given ?? (await openStoreClock({ ...store, log }));
    await reset?.(store, clock);
    await requirePresentForm(store);
    return await layFoundation(store, policy, config, clock);
  } catch (error) {
    await store.close();
    throw error;
  }
}
