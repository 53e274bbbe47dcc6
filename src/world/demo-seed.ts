import type { Log } from '../base/log.ts';
import type { Foundation } from '../gateway/foundation.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { readDemoWorld, type SourceText } from '../policy/load.ts';
import { idsOf } from '../policy/vocabulary.ts';
import { createPersonRecords } from '../store/mongo/repositories/people.ts';
import { demoWorld } from './demo.ts';
import { createWorldLoader } from './load-world.ts';
import { markAsDevelopment } from './marker.ts';
import { parseWorld, parseWorldText, type World, WorldFileError, type WorldRules } from './schema.ts';

/** The demo world for this policy; null if it uses words that the policy does not have. */
function parseFitting(world: unknown, rules: WorldRules): World | null {
  try {
    return parseWorld(world, rules);
  } catch (error) {
    if (error instanceof WorldFileError) return null;
    throw error;
  }
}

/** The people invented for the reference policy and for others with its vocabulary. */
const inventedFor = ({ current }: DecisionTable, now: Date) =>
  demoWorld({
    now,
    policyVersion: current.version,
    preferences: idsOf(current.vocabulary.preferences),
    minimumAge: current.minimumAge,
    noticeHours: current.noticeHours,
    transferRegion: current.transferRegion.countries,
  });

/** The text of a bundle's invented people: its own, or the people invented for the reference policy. */
export const demoSource = async (bundle: string, table: DecisionTable, now: Date): Promise<SourceText> =>
  (await readDemoWorld(bundle)) ?? { text: JSON.stringify(inventedFor(table, now)), file: 'demo world' };

/** @throws {WorldFileError} if the bundle's own world has faults, each line with the name of the file */
async function demoWorldOf({ bundle, table, clock }: Foundation, rules: WorldRules): Promise<World | null> {
  const own = await readDemoWorld(bundle);
  if (!own) return parseFitting(inventedFor(table, clock.now()), rules);
  try {
    return parseWorldText(own.text, rules);
  } catch (error) {
    if (!(error instanceof WorldFileError)) throw error;
    throw new WorldFileError(error.faults.map((fault) => `${own.file} ${fault}`));
  }
}

/**
 * Gives an empty database a world to explore, and marks its people as invented. A database that holds people stays as
 * it is, and so does one under a policy without a demo world.
 */
export async function seedDemoWorld(foundation: Foundation, log: Log): Promise<void> {
  const { store, clock } = foundation;
  if (!(await createPersonRecords(store).isEmpty())) return;
  const loader = createWorldLoader({ ...foundation, log, invents: true });
  const world = await demoWorldOf(foundation, await loader.rules());
  if (!world) {
    log.info(
      'The database is empty, and the demo world does not fit this policy: load a world file with ' +
        '`assent seed --file world.json`, and start the gateway again.',
    );
    return;
  }
  log.info('the database is empty: making a demo world');
  await markAsDevelopment(store, clock.now());
  await loader.load(world, (people) => log.info({ people }, 'people made so far'));
}
