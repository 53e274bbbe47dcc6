import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agree, errorOf, estimateOf } from '../../src/store/mongo/time-estimate.ts';

const way = fc.double({ min: 0, max: 2_000, noNaN: true });
const start = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const ahead = fc.integer({ min: -72_000_000, max: 1_800_000_000_000 });
const turn = fc.double({ min: -0.0005, max: 0.0005, noNaN: true });
/** Times since 1970 have 41 bits; the 12 that a number has left for parts of a millisecond are rounded a few times. */
const ROUNDING_MS = 1e-3;

/** The answer of a server with its clock so far ahead, asked at an instant of the local clock. */
const sampleAt = (asked: number, offset: number, there: number, back: number) => ({
  asked,
  heard: asked + there + back,
  told: Math.floor(asked + there + offset),
});

test('one sample is wrong by no more than it says, however long its ways there and back take', () => {
  fc.assert(
    fc.property(start, ahead, way, way, (asked, offset, there, back) => {
      const estimate = estimateOf(sampleAt(asked, offset, there, back));
      expect(Math.abs(estimate.offset - offset)).toBeLessThanOrEqual(estimate.error + ROUNDING_MS);
    }),
  );
});

test('an estimate that gets old says how wrong it can be, where both clocks are turned as far as NTP turns them', () => {
  fc.assert(
    fc.property(ahead, way, way, turn, turn, fc.nat(86_400_000), (offset, there, back, ours, theirs, age) => {
      const local = (time: number) => time * (1 + ours);
      const server = (time: number) => offset + time * (1 + theirs);
      const estimate = estimateOf({ asked: 0, heard: local(there + back), told: Math.floor(server(there)) });
      const now = there + back + age;
      const wrong = Math.abs(local(now) + estimate.offset - server(now));
      expect(wrong).toBeLessThanOrEqual(errorOf(estimate, local(now)) + ROUNDING_MS);
    }),
    { examples: [[0, 0, 0, -0.0005, 0.0005, 86_400_000]] },
  );
});

test('two estimates of one clock agree, and those of clocks that are far apart do not', () => {
  fc.assert(
    fc.property(ahead, way, way, way, fc.nat(3_600_000), (offset, a, b, c, age) => {
      const first = estimateOf(sampleAt(0, offset, a, b));
      const second = estimateOf(sampleAt(age, offset, b, c));
      expect(agree(first, second)).toBe(true);
      const other = estimateOf(sampleAt(age, offset + 2 * 3_600_000, b, c));
      expect(agree(first, other)).toBe(false);
    }),
  );
});
