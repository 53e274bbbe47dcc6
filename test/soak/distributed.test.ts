import { describe, expect, test } from 'vitest';
import { drill, MANY, type Row } from '../distributed/drill.ts';
import { ROUNDS } from '../distributed/rounds.ts';
import { openStage } from '../distributed/stage.ts';
import { IS_SOAK } from '../support/rounds.ts';
import { report, SOAK_TIMEOUT_MS } from './soak.ts';

/** Ten seeds, or those of the environment, apart by commas: `SEED=3,8 npm run soak`. */
const SEEDS = (process.env.SEED ?? '1,2,3,4,5,6,7,8,9,10').split(',').map(Number);

const COLUMNS = {
  acknowledged: 'acknowledged',
  shown: 'shown',
  denied: 'denied',
  refused: 'refused',
  conflicts: 'conflicts',
  repeated: 'retried from memory',
  elections: 'elections',
  rollbacks: 'rollbacks',
  rolledBack: 'writes rolled back',
  lost: 'lost',
  twice: 'twice',
  reveals: 'reveals',
} satisfies Partial<Record<keyof Row, string>>;

const WIDEST = Math.max(...ROUNDS.map(({ name }) => name.length));
const line = (first: string, cells: readonly unknown[]) =>
  [first.padEnd(WIDEST), ...cells.map((cell, n) => String(cell).padStart(Object.values(COLUMNS)[n]?.length ?? 6))].join(
    ' | ',
  );
const rowOf = (row: Row) =>
  line(row.round, [...Object.keys(COLUMNS).map((column) => row[column as keyof typeof COLUMNS]), row.faults.length]);

describe.runIf(IS_SOAK)('two gateways on a replica set, through every round at full length', () => {
  test.each(SEEDS)(
    'keep every acknowledged act, post and disclosure, and show nothing after a withdrawal: seed %i',
    async (seed) => {
      const stage = await openStage({ people: ROUNDS.length * MANY, seed });
      try {
        report(line(`seed ${seed}`, [...Object.values(COLUMNS), 'faults']));
        for (const round of ROUNDS) {
          const row = await drill(stage, round);
          report(rowOf(row));
          expect(row).toMatchObject({ lost: 0, twice: 0, reveals: 0, faults: [] });
        }
      } finally {
        await stage.close();
      }
    },
    SOAK_TIMEOUT_MS,
  );
});
