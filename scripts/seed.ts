import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Clock } from '../src/base/clock.ts';
import { openFoundation } from '../src/gateway/foundation.ts';
import { compile } from '../src/policy/compile.ts';
import { loadPolicy } from '../src/policy/load.ts';
import { type Config, readConfig } from '../src/process/config.ts';
import type { Store } from '../src/store/mongo/connection.ts';
import { createPersonRecords } from '../src/store/mongo/repositories/people.ts';
import { createLog } from '../src/telemetry/logger.ts';
import { createWorldLoader, worldRules } from '../src/world/load-world.ts';
import { markAsDevelopment } from '../src/world/marker.ts';
import { resetWorld } from '../src/world/reset.ts';
import { parseWorldText } from '../src/world/schema.ts';

const USAGE = 'usage: npm run -s seed -- --file world.json [--reset]';

const tell = (line: string) => process.stderr.write(`${line}\n`);

/** Nothing is deleted for a file that can't be loaded afterwards. */
async function checkForEmptyDatabase(text: string, { bundle }: Config, clock: Clock): Promise<void> {
  const { policy } = await loadPolicy(bundle);
  const table = compile([policy], policy.version);
  parseWorldText(text, worldRules(table, clock.now(), { partners: [], users: [] }));
}

async function seed(file: string, reset: boolean): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`--file: expected a world file that can be read`);
  });
  const config = readConfig(process.env);
  const log = createLog({ level: 'warn' });
  const empty = async (store: Store, clock: Clock) => {
    await checkForEmptyDatabase(text, config, clock);
    await resetWorld(store);
  };
  const foundation = await openFoundation(config, null, log, reset ? { reset: empty } : {});
  const { store, clock } = foundation;
  try {
    if (reset) tell('the database is empty');
    const loader = createWorldLoader({ ...foundation, log });
    const world = parseWorldText(text, await loader.rules());
    await foundation.recordPolicy();
    if (!config.production && (await createPersonRecords(store).isEmpty())) await markAsDevelopment(store, clock.now());
    await loader.load(world, (people) => tell(`${people} of ${world.users.length} people`));
    tell(`loaded ${world.users.length} people and ${world.partners.length} partners`);
  } finally {
    await store.close();
  }
}

try {
  const { values } = parseArgs({
    options: { file: { type: 'string' }, reset: { type: 'boolean', default: false } },
  });
  if (values.file === undefined) throw new Error(USAGE);
  await seed(values.file, values.reset);
} catch (error) {
  tell((error as Error).message);
  process.exitCode = 1;
}
