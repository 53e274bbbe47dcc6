import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import pino from 'pino';

import { layoutOf, type Words } from '../../src/gateway/layout.ts';
import { ensureIndexes } from '../../src/store/mongo/collection-layout.ts';
import { openStore, type Store } from '../../src/store/mongo/connection.ts';
import { borrowDatabase } from './databases.ts';
import { mongoUri } from './mongo-uri.ts';
import type { ReplicaSet } from './replica-set/replica-set.ts';
import { watchRouting } from './router/watch.ts';
import { PREFERENCES, wordsWith } from './words.ts';

export interface TestStore extends Store {
  /** Removes the database and closes the store. */
  drop(): Promise<void>;
}

/** A log that keeps silent. */
export const quiet = pino({ level: 'silent' });

/** The consents that the indexes of a store's database cover. */
const indexed = new WeakMap<Store['connection'], Set<string>>();

/** Makes the indexes for a policy with these consents, unless that was done over this store. */
export async function readyIndexes(
  store: Store,
  consentPurposes: readonly string[],
  others: Pick<Words, 'recipientConsents' | 'ages' | 'preferences' | 'held' | 'restrictions'> = {
    recipientConsents: [],
    ages: [],
    preferences: [],
    held: [],
    restrictions: [],
  },
): Promise<void> {
  const made = indexed.get(store.connection) ?? new Set();
  // those of the reference policy are there in every test database
  const preferences = others.preferences.filter((preference) => !PREFERENCES.includes(preference));
  const asked = [
    consentPurposes.join(' '),
    ...others.recipientConsents,
    ...others.ages.map(String),
    ...others.held,
    ...others.restrictions,
    ...preferences,
  ].join(' ');
  if (!made.has(asked))
    await ensureIndexes(
      store,
      layoutOf({ ...wordsWith(...consentPurposes), ...others, preferences: [...PREFERENCES, ...preferences] }),
    );
  indexed.set(store.connection, made.add(asked));
}

/** A store over a simulated replica set, which a test tells from others of it by a name of its own. */
export async function openSetStore({ uri }: Pick<ReplicaSet, 'uri'>, app: string): Promise<TestStore> {
  const store = await openStore({ uri: uri('test', app), dataDir: tmpdir(), appName: app, log: quiet });
  return { ...store, drop: store.close };
}

/** A store over a database of the run's engine; its commands can be counted. `release` leaves the database behind. */
async function openOver(database: string, release: (store: Store) => Promise<void>): Promise<TestStore> {
  const store = await openStore({
    ...{ uri: mongoUri(), database },
    ...{ dataDir: tmpdir(), log: quiet, countCommands: true },
  });
  const faultsOfRouting = watchRouting(store.connection);
  return {
    ...store,
    drop: async () => {
      await release(store);
      const faults = faultsOfRouting();
      if (faults.length > 0) throw new Error(`On shards: ${faults.join('; ')}.`);
    },
  };
}

/** A store on a database of its own, which nobody had before: without collections and indexes. */
export const openTestStore = (): Promise<TestStore> =>
  openOver(`test-${randomUUID()}`, async ({ connection, close }) => {
    await connection.dropDatabase();
    await close();
  });

/** A store on a database with indexes and without documents. Dropping it frees the database for others. */
export async function borrowTestStore(consentPurposes: readonly string[]): Promise<TestStore> {
  const { name, isIndexed, watch, giveBack } = await borrowDatabase(consentPurposes);
  const store = await openOver(name, async ({ close }) => {
    await close();
    await giveBack();
  });
  if (isIndexed) indexed.set(store.connection, new Set([consentPurposes.join(' ')]));
  await readyIndexes(store, consentPurposes);
  watch(store);
  return store;
}
