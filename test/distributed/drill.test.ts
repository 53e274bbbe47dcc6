import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drill, FEW, MANY } from './drill.ts';
import { ROUNDS, type Round } from './rounds.ts';
import { openStage, type Stage, weaken } from './stage.ts';

const SEED = 1;
/** Rounds of full length are for `npm run soak`. */
const PACE = 0.2;
const SHORT = [
  ...['step-down', 'crash', 'lost replies', 'lost requests', 'mid-batch', 'crash before replication'],
  ...['partition: one gateway with the old primary', 'stale primary'],
];
/** Enough time for the acknowledgements and answers that only a weak gateway gives, however busy the machine is. */
const PATIENCE_MS = 20_000;

const roundsOf = (names: readonly string[]) => ROUNDS.filter(({ name }) => names.includes(name));
let stage: Stage;

describe('two gateways on a replica set', () => {
  beforeAll(async () => {
    stage = await openStage({ people: SHORT.length * FEW, seed: SEED });
  });
  afterAll(() => stage.close());

  test.each(
    roundsOf(SHORT),
  )('keep every acknowledged act, post and disclosure, and show nothing after a withdrawal: $name', async (round) => {
    const row = await drill(stage, round, { pace: PACE });
    console.log(JSON.stringify(row));
    expect(row).toMatchObject({ lost: 0, twice: 0, reveals: 0, faults: [] });
    expect(row.acknowledged).toBeGreaterThan(0);
    expect(row.shown).toBeGreaterThan(0);
    if (round.evidence) expect(row[round.evidence]).toBeGreaterThan(0);
  });
});

describe('two gateways with acknowledgements of one member, and unproven reads', () => {
  test.each([
    { name: 'crash before replication', shows: 'lost' as const },
    { name: 'stale primary', shows: 'reveals' as const },
  ])('are found out by the drill: $name shows $shows', async ({ name, shows }) => {
    stage = await openStage({ people: MANY, seed: SEED, storeOf: weaken });
    try {
      const [round] = roundsOf([name]);
      const row = await drill(stage, round as Round, { pace: 0, patienceMs: PATIENCE_MS });
      console.log(JSON.stringify(row));
      expect(row[shows]).toBeGreaterThan(0);
    } finally {
      await stage.close();
    }
  });
});
