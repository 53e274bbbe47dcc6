import { describe, expect, test } from 'vitest';
import type { AddressFacts, ClientOptions } from '../../src/store/mongo/check/facts/address.ts';
import type { ServerFacts } from '../../src/store/mongo/check/facts/server.ts';
import type { Trials } from '../../src/store/mongo/check/facts/trials.ts';
import { findingsOnAddress } from '../../src/store/mongo/check/findings/address.ts';
import { findingOnPrimaryClock } from '../../src/store/mongo/check/findings/clock.ts';
import { findingsOnServer } from '../../src/store/mongo/check/findings/server.ts';
import { findingsOnTrials } from '../../src/store/mongo/check/findings/trials.ts';
import { look } from '../../src/store/mongo/check/look.ts';

// No server of the tests is or does these things, so they are judged by facts alone.

const SETTINGS = {
  write: { w: 'majority', j: true, wtimeoutMS: 5_000 },
  read: { readPreference: 'primary', readConcern: { level: 'linearizable' }, maxTimeMS: 5_000 },
} as const;
const OPTIONS: ClientOptions = {
  ...{ w: 'majority', j: true, readPreference: 'primary', readConcern: undefined },
  ...{ retryWrites: true, retryReads: true, directConnection: false },
};
const SERVER: ServerFacts = {
  ...{ kind: 'SET', database: 'assent', driver: '7.8.0', version: { answer: '8.0.4' } },
  ...{ compatibility: { answer: '8.0' }, persistent: { answer: true }, shards: null },
  ...{ defaults: { answer: { w: 'majority', readConcern: 'local' } }, votes: { answer: { writable: 3, majority: 2 } } },
};
const TRIALS: Trials = {
  ...{ write: { answer: 3 }, read: { answer: true }, leftovers: { answer: 0 }, left: null },
  withdrawals: { tried: 200, missed: 0, slowestMs: 20, stopped: null },
};
const BOUND_MS = 10_000;

const onServer = (facts: Partial<ServerFacts>) => findingsOnServer({ ...SERVER, ...facts });
const onAddress = (used: Partial<AddressFacts['used']>, holdData = 3) =>
  findingsOnAddress({ asked: OPTIONS, used: { ...OPTIONS, ...used } }, { ...SETTINGS, kind: 'SET', holdData });
const onTrials = (facts: Partial<Trials>) => findingsOnTrials({ ...TRIALS, ...facts }, SETTINGS);
const onClock = (aheadMs: number, errorMs: number) => [
  findingOnPrimaryClock({ answer: { aheadMs, errorMs } }, BOUND_MS),
];
const linesOf = (findings: ReturnType<typeof onServer>) =>
  findings.map(({ level, subject, found, advice }) => `${level} ${subject}: ${found} ${advice}`.trim());

describe('a fault is', () => {
  test.each([
    {
      name: 'a server before the least version',
      lines: onServer({ version: { answer: '5.0.31' } }),
      says: /^FAULT version: MongoDB 5\.0\.31/,
    },
    {
      name: 'data that is kept compatible with an older version',
      lines: onServer({ compatibility: { answer: '5.0' } }),
      says: /^FAULT version: The data is kept compatible with MongoDB 5\.0\. Set/,
    },
    {
      name: 'a server that keeps its data in memory',
      lines: onServer({ persistent: { answer: false } }),
      says: /^FAULT storage: /,
    },
    {
      name: 'an acknowledgement of one member in the place of a majority',
      lines: onAddress({ w: 1 }),
      says: /^FAULT address: The options of the address weaken/,
    },
    {
      name: 'an acknowledgement without the journal',
      lines: onAddress({ j: false }),
      says: /^FAULT address: The options of the address weaken/,
    },
    {
      name: 'reads that go to secondaries',
      lines: onAddress({ readPreference: 'secondary' }),
      says: /^FAULT address: .* read from secondaries/,
    },
    {
      name: 'a withdrawal that the next read did not see',
      lines: onTrials({ withdrawals: { tried: 200, missed: 1, slowestMs: 9, stopped: null } }),
      says: /^FAULT withdrawals: After 1 of 200 withdrawals/,
    },
    { name: 'a clock that is beyond the bound for certain', lines: onClock(10_500, 400), says: /^FAULT clock: / },
    {
      name: 'a clock that can’t be measured',
      lines: [
        findingOnPrimaryClock({ refusal: { kind: 'UNAVAILABLE', code: 'MongoOperationTimeoutError' } }, BOUND_MS),
      ],
      says: /^FAULT clock: .* did not answer/,
    },
  ])('$name', ({ lines, says }) => {
    expect(linesOf(lines)).toContainEqual(expect.stringMatching(says));
  });
});

describe('no fault is', () => {
  test.each([
    { name: 'the least version', lines: onServer({ version: { answer: '6.0.0' }, compatibility: { answer: '6.0' } }) },
    { name: 'a version of two digits', lines: onServer({ version: { answer: '10.1.0-rc3' } }) },
    {
      name: 'one member that is addressed directly where there is no other',
      lines: onAddress({ directConnection: true }, 1),
    },
    { name: 'a clock that may be within the bound', lines: onClock(10_300, 400) },
    {
      name: 'a collection that could not be removed',
      lines: onTrials({ left: { name: 'assent_check_0', refusal: { kind: 'UNAVAILABLE', code: 'x' } } }),
    },
  ])('$name', ({ lines }) => {
    expect(linesOf(lines).filter((line) => line.startsWith('FAULT'))).toEqual([]);
  });
});

test('an error that is neither the database’s nor the driver’s is not taken for an answer', async () => {
  await expect(look(() => Promise.reject(new TypeError('a mistake of ours')))).rejects.toThrow(TypeError);
});
