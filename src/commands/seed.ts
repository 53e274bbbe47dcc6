import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { openFoundation } from '../gateway/foundation.ts';
import { compile, type DecisionTable } from '../policy/compile.ts';
import { loadPolicy } from '../policy/load.ts';
import { type Config, type Environment, readConfig } from '../process/config.ts';
import type { Store } from '../store/mongo/connection.ts';
import { createPersonRecords } from '../store/mongo/repositories/people.ts';
import { createLog } from '../telemetry/logger.ts';
import {
  checkPeople,
  createPeopleImport,
  isPeopleFile,
  rulesOfEmptyDatabase,
  withPeopleFile,
} from '../world/import-people.ts';
import { createWorldLoader, type WorldLoaderOptions, worldRules } from '../world/load-world.ts';
import { markAsDevelopment } from '../world/marker.ts';
import type { Pace } from '../world/pace.ts';
import type { PeopleFile } from '../world/people-file.ts';
import { resetWorld } from '../world/reset.ts';
import { parseWorldText } from '../world/schema.ts';
import { tell } from './output.ts';

export const usage = `usage: assent seed --file world.json [--reset]
       assent seed --file people.ndjson [--reset]
The first loads a world file, the second one person of a world file a line (.ndjson or .jsonl).`;

/** A file to load. It is checked as a whole before anything of it is loaded. */
interface Source {
  /** @throws {WorldFileError} the file does not fit a database that holds nothing */
  readonly checkForEmptyDatabase: (table: DecisionTable, now: Date) => Promise<void>;
  /**
   * @returns loads the file, and then gives the last line to tell
   * @throws {WorldFileError} the file does not fit this database
   */
  readonly check: (options: WorldLoaderOptions) => Promise<() => Promise<string>>;
}

const worldSource = (text: string): Source => ({
  checkForEmptyDatabase: async (table, now) => {
    parseWorldText(text, worldRules(table, now, { partners: [], users: [] }));
  },
  check: async (options) => {
    const loader = createWorldLoader(options);
    const world = parseWorldText(text, await loader.rules());
    return async () => {
      await loader.load(world, (people) => tell(`${people} of ${world.users.length} people`));
      return `loaded ${world.users.length} people and ${world.partners.length} partners`;
    };
  },
});

const paceText = ({ share, peopleASecond, secondsLeft }: Pace) =>
  `${share} % of the file, ${peopleASecond} people a second, ${secondsLeft} s left`;
const tellChecked = (people: number, pace: Pace) => tell(`checked ${people} people: ${paceText(pace)}`);

const peopleSource = (from: PeopleFile): Source => ({
  checkForEmptyDatabase: (table, now) => checkPeople(from, rulesOfEmptyDatabase(table, now), tellChecked),
  check: async (options) => {
    const people = createPeopleImport(options);
    const rules = await people.rules();
    await checkPeople(from, rules, tellChecked);
    return async () => {
      const { written, there, changed } = await people.load(from, rules, (imported, pace) =>
        tell(`${imported.written} people written, ${imported.there} were there: ${paceText(pace)}`),
      );
      return `loaded ${written + there} people: ${written} written, ${there} were there, ${changed} of them changed`;
    };
  },
});

/** Nothing is deleted for a file that can't be loaded afterwards. */
async function checkForEmptyDatabase(source: Source, { bundle }: Config, clock: Clock): Promise<void> {
  const { policy } = await loadPolicy(bundle);
  await source.checkForEmptyDatabase(compile([policy], policy.version), clock.now());
}

async function seed(source: Source, reset: boolean, config: Config): Promise<void> {
  const log = createLog({ level: 'warn' });
  const empty = async (store: Store, clock: Clock) => {
    await checkForEmptyDatabase(source, config, clock);
    await resetWorld(store);
  };
  const foundation = await openFoundation(config, null, log, reset ? { reset: empty } : {});
  const { store, clock } = foundation;
  try {
    if (reset) tell('the database is empty');
    const load = await source.check({ ...foundation, log, invents: !config.production });
    await foundation.recordPolicy();
    if (!config.production && (await createPersonRecords(store).isEmpty())) await markAsDevelopment(store, clock.now());
    tell(await load());
  } finally {
    await store.close();
  }
}

const readWorld = (file: string) =>
  readFile(file, 'utf8').catch(() => {
    throw new Error(`--file: expected a world file that can be read`);
  });

export async function run(args: readonly string[], env: Environment): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { file: { type: 'string' }, reset: { type: 'boolean', default: false } },
    });
    const { file, reset } = values;
    if (file === undefined) throw new Error(usage);
    const config = readConfig(env);
    if (isPeopleFile(file)) await withPeopleFile(file, (people) => seed(peopleSource(people), reset, config));
    else await seed(worldSource(await readWorld(file)), reset, config);
    return 0;
  } catch (error) {
    tell((error as Error).message);
    return 1;
  }
}
