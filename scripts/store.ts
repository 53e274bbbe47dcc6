import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import mongoose from 'mongoose';
import { readPolicies } from '../src/features/policy-versions/registry.ts';
import { createRetirement, type Retired } from '../src/features/retention/retirement.ts';
import { layoutOf, wordsOf } from '../src/gateway/layout.ts';
import { createPersonLedger } from '../src/ledger/chain/person-chain.ts';
import { requireAlone } from '../src/migrations/alone.ts';
import { requirePresentForm } from '../src/migrations/form.ts';
import { migrate, type StepMade } from '../src/migrations/migrate.ts';
import { loadPolicy, PolicyError } from '../src/policy/load.ts';
import { alignColumns } from '../src/policy/text-table.ts';
import { ConfigError, readConfig } from '../src/process/config.ts';
import { checkDatabase } from '../src/process/database-check.ts';
import { type Finding, LEVELS } from '../src/store/mongo/check/finding.ts';
import { type IndexesMade, keyText, type Layout, prepareIndexes } from '../src/store/mongo/collection-layout.ts';
import { isUnavailable, openStore, type Store, type StoreOptions } from '../src/store/mongo/connection.ts';
import { prepareSharding, type ShardingPlan } from '../src/store/mongo/sharding.ts';
import { openStoreClock } from '../src/store/mongo/store-clock.ts';
import { openKeyEncryptionKey, openSharedSecret } from '../src/store/secrets.ts';
import { createChanges } from '../src/subject/change.ts';
import { createLog } from '../src/telemetry/logger.ts';

const USAGE = `usage: npm run store -- check
Finds out whether the database that MONGODB_URI names is what a gateway relies on, a line for each finding. It writes in a
collection of its own, which it removes, and nowhere else. It ends with 1 where something has to be mended.

usage: npm run store -- prepare
Makes the indexes of the database that MONGODB_URI names and, on a sharded cluster, spreads its collections over the
shards. Run it before the first gateway starts and after each update; it says what it did and what was there.

usage: npm run store -- migrate [--gateways-stopped]
Brings a database that an earlier version wrote to the form of this one. Stop every gateway first. Ledgers stay as they
are. It may be cut off and run again. --gateways-stopped says that connections it can't tell apart are no gateways.

usage: npm run store -- retire [--delete]
Tells of each category that the current version of the policy has no longer how many people still hold values of it, and
how many are judged under a version that reveals it. --delete deletes what is left of those that nobody is judged under
any more; it may be cut off and run again. It ends with 0 where nothing is left.`;

const MIGRATION = 'assent-migrate';
/** The embedded engine outlives its last program by less than this, in milliseconds. */
const ENGINE_ENDS_MS = 3_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const tell = (line: string) => process.stderr.write(`${line}\n`);

const shardingText = ({ name, shardKey }: Layout, sharding: ShardingPlan) => {
  if (shardKey === null) return 'not sharded';
  if (sharding.otherwise.includes(name)) return `NOT by ${keyText(shardKey)}: it is sharded by another key`;
  return `by ${keyText(shardKey)} (${sharding.kept.includes(name) ? 'was so' : 'made so'})`;
};

const tellOutcome = (
  { write, read, embedded, connection }: Store,
  layouts: readonly Layout[],
  indexes: ReadonlyMap<string, IndexesMade>,
  sharding: ShardingPlan | null,
) => {
  const { w, j } = write;
  const settings = [
    ['database', connection.name + (embedded ? ', embedded engine' : '')],
    ['writes', `w: ${w}, j: ${j}${'wtimeoutMS' in write ? `, at most ${write.wtimeoutMS} ms` : ''}`],
    ['facts are read', `${read.readPreference}, ${read.readConcern.level}, at most ${read.maxTimeMS} ms`],
    ['shard keys', sharding ? 'set as told below' : 'none are set: this is no sharded cluster'],
  ];
  const rows = layouts.map((layout) => {
    const { made, kept } = indexes.get(layout.name) as IndexesMade;
    const shards = sharding ? [shardingText(layout, sharding)] : [];
    return [layout.name, ...shards, `${kept} were there`, `${made.length} made`, made.map(keyText).join(' ')];
  });
  say(`${alignColumns(settings)}\n`);
  say(alignColumns([['collection', ...(sharding ? ['shards'] : []), 'indexes'], ...rows]));
};

async function prepare(): Promise<void> {
  const { mongodbUri: uri, dataDir, bundle } = readConfig(process.env);
  const { policy } = await loadPolicy(bundle);
  const log = createLog({ level: 'warn' });
  const store = await openStore({ ...(uri !== undefined && { uri }), dataDir, log });
  try {
    await requirePresentForm(store);
    const layouts = layoutOf(wordsOf([policy]));
    const indexes = await prepareIndexes(store, layouts);
    const sharding = await prepareSharding(store.connection, layouts);
    tellOutcome(store, layouts, indexes, sharding);
    if (sharding && sharding.otherwise.length > 0)
      throw new Error(
        `expected other shard keys than there are: ${sharding.otherwise.join(', ')}; reshardCollection mends it`,
      );
  } finally {
    await store.close();
  }
}

/** Opened again where it was joined, since the engine outlives a gateway that has just ended. */
async function openAlone(options: StoreOptions): Promise<Store> {
  const store = await openStore(options);
  if (!store.joined) return store;
  await store.close();
  await sleep(ENGINE_ENDS_MS);
  return openStore(options);
}

const madeText = ({ step, changed }: StepMade) =>
  `${step.says} (${changed === null ? 'was so' : `${changed} documents changed`})`;

async function migrateDatabase(gatewaysStopped: boolean): Promise<void> {
  const config = readConfig(process.env);
  const { mongodbUri: uri, dataDir } = config;
  const log = createLog({ level: 'warn' });
  const store = await openAlone({ ...(uri !== undefined && { uri }), dataDir, log, appName: MIGRATION });
  try {
    if (!gatewaysStopped) await requireAlone(store, MIGRATION);
    const keyEncryptionKey = await openKeyEncryptionKey(store, config);
    const sharedSecret = await openSharedSecret(store, keyEncryptionKey, 'shared secret');
    const clock = await openStoreClock({ ...store, log });
    const tools = { store, keyEncryptionKey, sharedSecret, clock, log };
    await migrate(tools, (made) => say(madeText(made)));
    say('The database has the present form.');
  } finally {
    await store.close();
  }
}

const retiredText = ({ category, holders, judged, versions }: Retired): string[] => [
  category,
  `${holders} people hold values`,
  versions.length === 0
    ? 'no version reveals it'
    : `${judged} people are judged under ${versions.join(', ')}, which reveals it`,
];

async function retire(isToDelete: boolean): Promise<void> {
  const { mongodbUri: uri, dataDir, bundle, production } = readConfig(process.env);
  const loaded = await loadPolicy(bundle);
  const log = createLog({ level: 'warn' });
  const store = await openStore({ ...(uri !== undefined && { uri }), dataDir, log });
  try {
    await requirePresentForm(store);
    const clock = await openStoreClock({ ...store, log });
    const table = await readPolicies(store, loaded, clock.now(), { editable: !production });
    const changes = createChanges({
      store,
      ledger: createPersonLedger(store),
      clock,
      log,
      kept: table,
      policies: table.policies,
    });
    const retirement = createRetirement({ store, changes, clock, table });
    if (isToDelete) await retirement.deleteLeft();
    await changes.idle();
    const retired = await retirement.find();
    say(retired.length > 0 ? alignColumns(retired.map(retiredText)) : 'No category is retired.');
    if (retired.some(({ holders }) => holders > 0)) process.exitCode = 1;
  } finally {
    await store.close();
  }
}

/** How many withdrawals a check tries. */
const WITHDRAWALS = 200;

/** The collection of the check is removed also where somebody ends it. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  return interrupted.signal;
}

const reportText = (findings: readonly Finding[]) => {
  const rows = findings.map(({ level, subject, found, advice }) => [level, subject, `${found} ${advice}`.trim()]);
  const counts = LEVELS.map((level) => `${findings.filter((finding) => finding.level === level).length} ${level}`);
  return `${alignColumns(rows)}\n\n${counts.join(', ')}`;
};

async function check(): Promise<void> {
  const config = readConfig(process.env);
  const policy = await loadPolicy(config.bundle);
  const signal = interruption();
  const findings = await checkDatabase(config, policy, { rounds: WITHDRAWALS, signal });
  say(reportText(findings));
  if (signal.aborted || findings.some(({ level }) => level === 'FAULT')) process.exitCode = 1;
}

/** What a database says may hold values of people: only the name of its refusal is told. */
function reasonOf(error: unknown): string {
  if (isUnavailable(error)) return 'The database cannot be reached: expected MONGODB_URI to lead to one that answers.';
  if (error instanceof mongoose.mongo.MongoServerError)
    return `The database refuses (${error.codeName ?? error.code}): expected a user who may make indexes and shard collections.`;
  if (error instanceof ConfigError || error instanceof PolicyError) return error.message;
  return (error as Error).message;
}

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { 'gateways-stopped': { type: 'boolean', default: false }, delete: { type: 'boolean', default: false } },
  });
  const [command, ...rest] = positionals;
  if (rest.length > 0) throw new Error(USAGE);
  if (command === 'check') await check();
  else if (command === 'prepare') await prepare();
  else if (command === 'migrate') await migrateDatabase(values['gateways-stopped']);
  else if (command === 'retire') await retire(values.delete);
  else throw new Error(USAGE);
} catch (error) {
  tell(reasonOf(error));
  process.exitCode = 1;
}
