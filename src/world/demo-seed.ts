import type { Log } from '../base/log.ts';
import type { Foundation } from '../gateway/foundation.ts';
import { idsOf } from '../policy/vocabulary.ts';
import { createPersonRecords } from '../store/mongo/repositories/people.ts';
import { demoWorld } from './demo.ts';
import { createWorldLoader } from './load-world.ts';
import { markAsDevelopment } from './marker.ts';
import { parseWorld, type World, WorldFileError, type WorldRules } from './schema.ts';

/** The demo world as the policy lets it be; null where it speaks of what the policy does not have. */
function parseFitting(world: unknown, rules: WorldRules): World | null {
  try {
    return parseWorld(world, rules);
  } catch (error) {
    if (error instanceof WorldFileError) return null;
    throw error;
  }
}

/**
 * Gives an empty database a world to explore, and marks it as one of invented people. Leaves any other alone, and one
 * under a policy that the demo world does not fit.
 */
export async function seedDemoWorld(foundation: Foundation, log: Log): Promise<void> {
  const { store, clock, table } = foundation;
  if (!(await createPersonRecords(store).isEmpty())) return;
  const { current } = table;
  const now = clock.now();
  const world = demoWorld({
    now,
    policyVersion: current.version,
    preferences: idsOf(current.vocabulary.preferences),
    minimumAge: current.minimumAge,
    noticeHours: current.noticeHours,
    transferRegion: current.transferRegion.countries,
  });
  const loader = createWorldLoader({ ...foundation, log });
  const fitting = parseFitting(world, await loader.rules());
  if (!fitting) {
    log.info(
      'The database is empty, and the demo world does not fit this policy: load a world file with ' +
        '`npm run -s seed -- --file world.json`, and start the gateway again.',
    );
    return;
  }
  log.info('the database is empty: making a demo world');
  await markAsDevelopment(store, now);
  await loader.load(fitting, (people) => log.info({ people }, 'people made so far'));
}
