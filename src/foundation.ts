import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { ensureContentIndexes } from './domain/content/content.ts';
import { createErasureNotices } from './domain/erasure/notices.ts';
import { openPolicies } from './domain/policy-versions/registry.ts';
import { ensureLedgerIndexes } from './ledger/indexes.ts';
import type { DecisionTable } from './policy/compile.ts';
import { loadPolicy } from './policy/load.ts';
import { partnerPseudonyms } from './services.ts';
import { openStore, type Store } from './store/connection.ts';
import { createBlindIndex } from './store/derive.ts';
import type { Log } from './store/log.ts';
import { openKeyEncryptionKey, openSharedSecret } from './store/secrets.ts';
import { createClaims } from './subject/claims.ts';
import { ensurePersonIndexes, personModel } from './subject/model.ts';
import { createTombstones } from './subject/tombstones.ts';

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
    await ensurePersonIndexes(personModel(store.connection), [...new Set(consents)]);
    await ensureContentIndexes(store.connection);
    await ensureLedgerIndexes(store);
    const keyEncryptionKey = await openKeyEncryptionKey(config);
    const sharedSecret = await openSharedSecret(store, keyEncryptionKey, 'shared secret');
    const blindIndex = createBlindIndex(sharedSecret);
    await createTombstones(store, blindIndex).ensureIndexes();
    await createClaims(store, blindIndex, clock).ensureIndexes();
    await createErasureNotices(store, blindIndex, partnerPseudonyms(sharedSecret)).ensureIndexes();
    return { store, table, keyEncryptionKey, sharedSecret };
  } catch (error) {
    await store.close();
    throw error;
  }
}
