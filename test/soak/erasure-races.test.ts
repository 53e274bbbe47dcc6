import { expect, test } from 'vitest';
import { race } from '../consistency/erasure-races.ts';
import { IS_SOAK } from '../support/rounds.ts';
import { report, SOAK_TIMEOUT_MS } from './soak.ts';

const RACES = 2_000;
const LANES = 16;

test.runIf(IS_SOAK)(
  `rights.deletion: of ${RACES} deletions that race partners' reads, no notice is missing and none is wrong`,
  async () => {
    const begun = performance.now();
    const tally = await race(RACES, LANES);
    report(`${JSON.stringify(tally)} in ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
    expect(tally).toMatchObject({ races: RACES, missing: 0, wrong: 0 });
  },
  SOAK_TIMEOUT_MS,
);
