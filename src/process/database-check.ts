import { layoutOf, wordsOf } from '../gateway/layout.ts';
import { AHEAD } from '../http/authenticate.ts';
import { findSteps, isNew } from '../migrations/form.ts';
import { STEPS } from '../migrations/steps.ts';
import { type LoadedPolicy, parsePolicy } from '../policy/load.ts';
import { readAddress } from '../store/mongo/check/facts/address.ts';
import { findIndexes } from '../store/mongo/check/facts/indexes.ts';
import { listenToMembers } from '../store/mongo/check/facts/members.ts';
import { lookAtServer } from '../store/mongo/check/facts/server.ts';
import { runTrials, type TrialOptions } from '../store/mongo/check/facts/trials.ts';
import type { Finding } from '../store/mongo/check/finding.ts';
import { findingsOnAddress } from '../store/mongo/check/findings/address.ts';
import { findingOnPrimaryClock, findingsOnMemberClocks } from '../store/mongo/check/findings/clock.ts';
import {
  type FormFacts,
  findingOnForm,
  findingOnSecrets,
  type SecretsState,
} from '../store/mongo/check/findings/contents.ts';
import { findingsOnIndexes } from '../store/mongo/check/findings/indexes.ts';
import { findingsOnMembers } from '../store/mongo/check/findings/members.ts';
import { findingOnOpening } from '../store/mongo/check/findings/opening.ts';
import { findingsOnServer } from '../store/mongo/check/findings/server.ts';
import { findingsOnShards } from '../store/mongo/check/findings/shards.ts';
import { findingsOnTrials } from '../store/mongo/check/findings/trials.ts';
import { answerOf, look } from '../store/mongo/check/look.ts';
import type { Layout } from '../store/mongo/collection-layout.ts';
import { openStore, type Store } from '../store/mongo/connection.ts';
import { createPolicyRecords } from '../store/mongo/repositories/policies.ts';
import { findSharding } from '../store/mongo/sharding.ts';
import { openStoreClock } from '../store/mongo/store-clock.ts';
import { findSharedSecret, holdsSecrets, KeyEncryptionKeyError } from '../store/secrets.ts';
import { createLog } from '../telemetry/logger.ts';
import type { Config } from './config.ts';

export type CheckConfig = Pick<Config, 'mongodbUri' | 'dataDir' | 'keyEncryptionKey'>;

/** Its connections are no gateway's: `store -- migrate` does not wait for them. */
const APP = 'assent-check';
const ISSUER_AHEAD_MS = AHEAD * 1_000;

const silent = createLog({ level: 'silent' });

/** As a gateway lays out the database: for every version of the policy on record too, where the record can be read. */
async function layoutFor(store: Store, { policy }: LoadedPolicy): Promise<readonly Layout[]> {
  const seen = await look(() => createPolicyRecords(store).findAll());
  const recorded = answerOf(seen) ?? [];
  const versions = recorded.map(
    ({ _id, canonical }) => parsePolicy(canonical, `policy version ${_id} on record`).policy,
  );
  return layoutOf(wordsOf([policy, ...versions]));
}

const formOf = async (store: Store): Promise<FormFacts> => {
  const made = await findSteps(store);
  return { made, known: STEPS.map(({ id }) => id), empty: made.size === 0 && (await isNew(store)) };
};

/** Makes neither a secret nor a key. */
async function secretsOf(store: Store, config: CheckConfig): Promise<SecretsState> {
  if (!(await holdsSecrets(store))) return 'NONE';
  try {
    return (await findSharedSecret(store, config, 'shared secret')) ? 'OPEN' : 'NO_KEY';
  } catch (error) {
    if (error instanceof KeyEncryptionKeyError) return 'LOCKED';
    throw error;
  }
}

/** How far the clock of the primary is ahead of this machine's, measured as a gateway measures it. */
async function differenceOf(store: Store) {
  const clock = await openStoreClock({ ...store, log: silent });
  return { aheadMs: clock.now().getTime() - Date.now(), errorMs: clock.error() };
}

async function lookAt(
  store: Store,
  other: Store,
  config: CheckConfig,
  loaded: LoadedPolicy,
  options: TrialOptions,
): Promise<readonly Finding[]> {
  const { mongodbUri: uri } = config;
  const server = await lookAtServer(store);
  const [members, layouts, sharding, clock, form, secrets] = await Promise.all([
    uri === undefined ? null : listenToMembers(uri, APP),
    layoutFor(store, loaded),
    look(() => findSharding(store)),
    look(() => differenceOf(store)),
    look(() => formOf(store)),
    look(() => secretsOf(store, config)),
  ]);
  const indexes = await findIndexes(store, layouts);
  // the trials measure time, so nothing else runs beside them
  const trials = await runTrials([store, other], options);
  return [
    ...findingsOnServer(server),
    ...(uri === undefined || members === null
      ? []
      : [
          ...findingsOnMembers(members, server),
          ...findingsOnAddress(readAddress(uri, store), { ...store, kind: server.kind, holdData: members.holdData }),
        ]),
    findingOnPrimaryClock(clock, ISSUER_AHEAD_MS),
    ...(members && server.kind === 'SET' ? findingsOnMemberClocks(members.members, ISSUER_AHEAD_MS) : []),
    ...findingsOnIndexes(layouts, indexes),
    ...findingsOnShards(server.database, layouts, sharding),
    findingOnForm(form),
    findingOnSecrets(secrets),
    ...findingsOnTrials(trials, store),
  ];
}

/**
 * Finds out whether a database has the properties that a gateway relies on. It writes in a collection of its own, which
 * it removes, and nowhere else.
 *
 * @param loaded the policy: its consents have indexes of their own
 * @throws {PolicyError} a version of the policy on record can't be read
 * @throws {EmbeddedUnavailableError} no address was given and this system cannot run the embedded engine
 */
export async function checkDatabase(
  config: CheckConfig,
  loaded: LoadedPolicy,
  options: TrialOptions,
): Promise<readonly Finding[]> {
  const { mongodbUri: uri, dataDir } = config;
  const opened: Store[] = [];
  const open = async () => {
    const store = await openStore({ ...(uri !== undefined && { uri }), dataDir, log: silent, appName: APP });
    opened.push(store);
    return store;
  };
  try {
    return await lookAt(await open(), await open(), config, loaded, options);
  } catch (error) {
    return [findingOnOpening(error)];
  } finally {
    for (const store of opened) await store.close();
  }
}
