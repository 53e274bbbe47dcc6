import { expect, test } from 'vitest';
import { roundsOf } from '../support/rounds.ts';
import { race } from './erasure-races.ts';

const RACES = roundsOf(100, 40);
const LANES = 16;

test(`rights.deletion: of ${RACES} deletions that race partners' reads through two gateways, each partner is told of all that it was shown, and of nothing else`, {
  timeout: 240_000,
}, async () => {
  const tally = await race(RACES, LANES);
  console.log(JSON.stringify(tally));
  expect(tally).toMatchObject({ races: RACES, missing: 0, wrong: 0 });
  expect(tally.affected).toBeGreaterThan(RACES / 4);
});
