import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { openPolicies } from './domain/policy-versions/registry.ts';
import { layoutOf } from './layout.ts';
import type { DecisionTable } from './policy/compile.ts';
import { loadPolicy } from './policy/load.ts';
import { openStore, type Store } from './store/connection.ts';
import { ensureIndexes } from './store/layout.ts';
import type { Log } from './store/log.ts';
import { openKeyEncryptionKey, openSharedSecret } from './store/secrets.ts';

/** What the gateway and the scripts that write stand on: a database that is ready, and the policy it is under. */
export interface Foundation {
  readonly store: Store;
  readonly table: DecisionTable;
  /** The key that wraps the key of every person. */
  readonly keyEncryptionKey: Buffer;
  /** The same for every gateway on the database; every other secret is derived from it. */
  readonly sharedSecret: Buffer;
}

/**
 * Reads the policy, opens the database and readies both for each other.
 *
 * @throws {PolicyError} where the policy file is at fault, before the database is touched
 */
export async function openFoundation(config: Config, clock: Clock, log: Log): Promise<Foundation> {
  const policy = await loadPolicy(config.policyFile);
  const { mongodbUri: uri, dataDir, metrics: countCommands } = config;
  const store = await openStore({ dataDir, log, countCommands, ...(uri !== undefined && { uri }) });
  try {
    const table = await openPolicies(store, policy, clock.now());
    const consents = [...table.policies.values()].flatMap((version) => version.consents.map(({ id }) => id));
    await ensureIndexes(store, layoutOf(consents));
    const keyEncryptionKey = await openKeyEncryptionKey(config);
    const sharedSecret = await openSharedSecret(store, keyEncryptionKey, 'shared secret');
    return { store, table, keyEncryptionKey, sharedSecret };
  } catch (error) {
    await store.close();
    throw error;
  }
}
