import { verify } from '../../src/ledger/verify/verify.ts';
import { until } from '../support/engines.ts';
import type { Tally } from '../support/replica-set/replica-set.ts';
import type { TestWorld } from '../support/world.ts';
import { act, type Counts, check, createCounts, reader, WRITERS, writer } from './load.ts';
import type { Round } from './rounds.ts';
import type { Person, Stage } from './stage.ts';

/** The outcome of a round. */
export type Row = Counts & Tally & { readonly round: string };

/** The number of people for a short round, and for one of any length. */
export const FEW = 25;
export const MANY = 60;
const PATIENCE_MS = 500;

const isReady = async ({ gateway }: TestWorld) =>
  (await gateway.fetch(new Request('http://gateway.test/health/ready'))).status === 200;

const less = (after: Tally, before: Tally): Tally => ({
  repeated: after.repeated - before.repeated,
  elections: after.elections - before.elections,
  rollbacks: after.rollbacks - before.rollbacks,
  rolledBack: after.rolledBack - before.rolledBack,
});

/**
 * Disturbs the set while people act through both gateways and a partner reads them; then has it come to rest, and asks
 * the gateways, without a restart, for every mark that they acknowledged.
 */
export async function drill(
  stage: Stage,
  { name, disturb }: Round,
  { pace = 1, patienceMs = PATIENCE_MS } = {},
): Promise<Row> {
  const { set, gateways } = stage;
  const [a, b] = gateways;
  const counts = createCounts();
  const before = set.tally();
  const met: Person[] = [];
  const meet = () => {
    const person = stage.meet();
    met.push(person);
    return person;
  };

  let over = false;
  const load = { counts, met, meet, isOver: () => over };
  const busy = Promise.all([
    ...Array.from({ length: WRITERS }, (_, n) => writer(n % 2 === 0 ? a : b, load)),
    ...gateways.map((gateway, n) => reader(gateway, load, n)),
  ]);
  try {
    await until(() => counts.acknowledged > WRITERS && counts.shown > 0);
    await disturb({ stage, counts, meet, pace, patienceMs });
    await set.awaitPrimary();
    // both gateways go on without a restart
    for (const gateway of gateways) {
      const person = meet();
      await until(() => act(gateway, person, true, counts));
      await until(() => isReady(gateway));
    }
  } finally {
    over = true;
    await busy;
  }

  await set.settled();
  await Promise.all(met.map((person, n) => check(n % 2 === 0 ? b : a, person, counts)));
  for (const { gateway } of gateways) await gateway.sweep().catch((error: Error) => counts.faults.push(error.name));
  const { faults } = await verify(a.store);
  counts.faults.push(...faults.map(({ reason }) => `the ledger: ${reason}`));
  return { round: name, ...counts, ...less(set.tally(), before) };
}
