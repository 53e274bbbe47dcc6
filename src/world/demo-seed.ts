import type { Clock } from '../clock.ts';
import type { Foundation } from '../foundation.ts';
import { PREFERENCES } from '../policy/vocabulary.ts';
import type { Log } from '../store/log.ts';
import { personModel } from '../subject/model.ts';
import { demoWorld } from './demo.ts';
import { createWorldLoader } from './load.ts';
import { markAsDevelopment } from './marker.ts';
import { parseWorld } from './schema.ts';

/** Gives an empty database a world to explore, and marks it as one of invented people. Leaves any other alone. */
export async function seedDemoWorld(foundation: Foundation, clock: Clock, log: Log): Promise<void> {
  const { store, table } = foundation;
  const model = personModel(store.connection);
  if (await model.exists({}).exec()) return;
  const { current } = table;
  const now = clock.now();
  const world = demoWorld({
    now,
    policyVersion: current.version,
    preferences: PREFERENCES,
    minimumAge: current.minimumAge,
    noticeHours: current.noticeHours,
    transferRegion: current.transferRegion.countries,
  });
  const loader = createWorldLoader({ ...foundation, clock, log });
  log.info('the database is empty: making a demo world');
  await markAsDevelopment(store, now);
  await loader.load(parseWorld(world, await loader.rules()), (people) => log.info({ people }, 'people made so far'));
}
