import { parseArgs } from 'node:util';
import { readPolicies } from '../features/policy-versions/registry.ts';
import { createRetirement, type Retired } from '../features/retention/retirement.ts';
import { layoutOf, wordsOf } from '../gateway/layout.ts';
import { createPersonLedger } from '../ledger/chain/person-chain.ts';
import { requireAlone } from '../migrations/alone.ts';
import { requirePresentForm } from '../migrations/form.ts';
import { migrate, type StepMade } from '../migrations/migrate.ts';
import { loadPolicy, PolicyError } from '../policy/load.ts';
import { alignColumns } from '../policy/text-table.ts';
import { type Config, ConfigError, type Environment, readConfig } from '../process/config.ts';
import { checkDatabase } from '../process/database-check.ts';
import { openAlone } from '../process/open-alone.ts';
import { type Finding, LEVELS } from '../store/mongo/check/finding.ts';
import { type IndexesMade, keyText, type Layout, prepareIndexes } from '../store/mongo/collection-layout.ts';
import { isUnavailable, openStore, refusalName, type Store } from '../store/mongo/connection.ts';
import { prepareSharding, type ShardingPlan } from '../store/mongo/sharding.ts';
import { openStoreClock } from '../store/mongo/store-clock.ts';
import { openKeyEncryptionKey, openSharedSecret } from '../store/secrets.ts';
import { createChanges } from '../subject/change.ts';
import { createLog } from '../telemetry/logger.ts';
import { say, tell } from './output.ts';

export const usage = `usage: assent store check
Finds out whether the database that MONGODB_URI names is what a gateway relies on, a line for each finding. It writes in a
collection of its own, which it removes, and nowhere else. It ends with 1 where something has to be mended.

usage: assent store prepare
Makes the indexes of the database that MONGODB_URI names and, on a sharded cluster, spreads its collections over the
shards. Run it before the first gateway starts and after each update; it says what it did and what was there.

usage: assent store migrate [--gateways-stopped]
Brings a database that an earlier version wrote to the form of this one. Stop every gateway first. Ledgers stay as they
are. It may be cut off and run again. --gateways-stopped says that connections it can't tell apart are no gateways.

usage: assent store retire [--delete]
Tells of each category that the current version of the policy has no longer how many people still hold values of it, and
how many are judged under a version that reveals it. --delete deletes what is left of those that nobody is judged under
any more; it may be cut off and run again. It ends with 0 where nothing is left.`;

const MIGRATION = 'assent-migrate';

const shardingText = ({ name, shardKey }: Layout, sharding: ShardingPlan) => {
  if (shardKey === null) return 'not sharded';
  if (sharding.otherwise.includes(name)) return `NOT by ${keyText(shardKey)}: it is sharded by another key`;
  return `by ${keyText(shardKey)} (${sharding.kept.includes(name) ? 'was so' : 'made so'})`;
};

const tellOutcome = (
  { name, write, read, embedded }: Store,
  layouts: readonly Layout[],
  indexes: ReadonlyMap<string, IndexesMade>,
  sharding: ShardingPlan | null,
) => {
  const { w, j } = write;
  const settings = [
    ['database', name + (embedded ? ', embedded engine' : '')],
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

async function prepare({ mongodbUri: uri, dataDir, bundle }: Config): Promise<void> {
  const { policy } = await loadPolicy(bundle);
  const log = createLog({ level: 'warn' });
  const store = await openStore({ ...(uri !== undefined && { uri }), dataDir, log });
  try {
    await requirePresentForm(store);
    const layouts = layoutOf(wordsOf([policy]));
    const indexes = await prepareIndexes(store, layouts);
    const sharding = await prepareSharding(store, layouts);
    tellOutcome(store, layouts, indexes, sharding);
    if (sharding && sharding.otherwise.length > 0)
      throw new Error(
        `expected other shard keys than there are: ${sharding.otherwise.join(', ')}; reshardCollection mends it`,
      );
  } finally {
    await store.close();
  }
}

const madeText = ({ step, changed }: StepMade) =>
  `${step.says} (${changed === null ? 'was so' : `${changed} documents changed`})`;

async function migrateDatabase(config: Config, gatewaysStopped: boolean): Promise<void> {
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

/** @returns whether no value of a retired category is left */
async function retire(config: Config, isToDelete: boolean): Promise<boolean> {
  const { mongodbUri: uri, dataDir, bundle, production } = config;
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
    return retired.every(({ holders }) => holders === 0);
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

/** @returns whether nothing has to be mended */
async function check(config: Config): Promise<boolean> {
  const policy = await loadPolicy(config.bundle);
  const signal = interruption();
  const findings = await checkDatabase(config, policy, { rounds: WITHDRAWALS, signal });
  say(reportText(findings));
  return !signal.aborted && findings.every(({ level }) => level !== 'FAULT');
}

/** A message of the database may hold values of people: only the name of its refusal is told. */
function reasonOf(error: unknown): string {
  if (isUnavailable(error)) return 'The database cannot be reached: expected MONGODB_URI to lead to one that answers.';
  const refused = refusalName(error);
  if (refused !== null)
    return `The database refuses (${refused}): expected a user who may make indexes and shard collections.`;
  if (error instanceof ConfigError || error instanceof PolicyError) return error.message;
  return (error as Error).message;
}

/** @returns whether it came to a good end */
async function carryOut(args: readonly string[], env: Environment): Promise<boolean> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { 'gateways-stopped': { type: 'boolean', default: false }, delete: { type: 'boolean', default: false } },
  });
  const [command, ...rest] = positionals;
  const commands: Readonly<Record<string, (config: Config) => Promise<unknown>>> = {
    check,
    prepare,
    migrate: (config) => migrateDatabase(config, values['gateways-stopped']),
    retire: (config) => retire(config, values.delete),
  };
  const work = Object.hasOwn(commands, command ?? '') ? commands[command ?? ''] : undefined;
  if (!work || rest.length > 0) throw new Error(usage);
  return (await work(readConfig(env))) !== false;
}

export async function run(args: readonly string[], env: Environment): Promise<number> {
  try {
    return Number(!(await carryOut(args, env)));
  } catch (error) {
    tell(reasonOf(error));
    return 1;
  }
}
