import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import pino from 'pino';

import { openStore, type Store } from '../../src/store/mongo/connection.ts';
import { mongoUri } from './mongo-uri.ts';
import type { ReplicaSet } from './replica-set/replica-set.ts';
import { watchRouting } from './router/watch.ts';

export interface TestStore extends Store {
  /** Removes the database and closes the store. */
  drop(): Promise<void>;
}

/** A log that keeps silent. */
export const quiet = pino({ level: 'silent' });

/** A store over a simulated replica set, which a test tells from others of it by a name of its own. */
export async function openSetStore({ uri }: Pick<ReplicaSet, 'uri'>, app: string): Promise<TestStore> {
  const store = await openStore({ uri: uri('test', app), dataDir: tmpdir(), appName: app, log: quiet });
  return { ...store, drop: store.close };
}

/** A store on a database of its own, in the engine that the whole run shares; its commands can be counted. */
export async function openTestStore(): Promise<TestStore> {
  const store = await openStore({
    uri: mongoUri(),
    dataDir: tmpdir(),
    database: `test-${randomUUID()}`,
    log: quiet,
    countCommands: true,
  });
  const faultsOfRouting = watchRouting(store.connection);
  return {
    ...store,
    drop: async () => {
      await store.connection.dropDatabase();
      await store.close();
      const faults = faultsOfRouting();
      if (faults.length > 0) throw new Error(`On shards: ${faults.join('; ')}.`);
    },
  };
}
