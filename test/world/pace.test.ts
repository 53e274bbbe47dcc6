import { describe, expect, test } from 'vitest';
import { createPace } from '../../src/world/pace.ts';

/** A pass over a file of 1,000 bytes, at times given in seconds. */
const begin = (size = 1_000) => {
  let now = 0;
  const paceOf = createPace(size, () => now);
  return (seconds: number, people: number, bytes: number) => {
    now = seconds * 1_000;
    return paceOf({ people, bytes });
  };
};

describe('the pace of a pass over a file', () => {
  test('tells the share of the file, people a second and the seconds that are left', () => {
    expect(begin()(2, 50, 250)).toEqual({ share: 25, peopleASecond: 25, secondsLeft: 6 });
  });

  test('is told once a second at the most', () => {
    const at = begin();
    expect([at(0.5, 1, 10), at(1, 2, 20), at(1.9, 3, 30), at(2, 4, 40)].map((pace) => pace !== null)).toEqual([
      ...[false, true],
      ...[false, true],
    ]);
  });

  test('is told at the end of the file, even if that comes soon', () => {
    expect(begin()(0, 3, 1_000)).toEqual({ share: 100, peopleASecond: 3_000, secondsLeft: 0 });
  });

  test('is that of the last twenty seconds, as known people pass faster than new ones', () => {
    const at = begin(100_000);
    for (let second = 1; second <= 10; second++) at(second, 1_000 * second, 1_000 * second);
    for (let second = 11; second <= 39; second++) at(second, 10_000 + second - 10, 10_000 + 10 * (second - 10));
    expect(at(40, 10_030, 10_300)).toEqual({ share: 10, peopleASecond: 1, secondsLeft: 8_970 });
  });

  test('has no time to the end while nothing has passed', () => {
    expect(begin()(5, 0, 0)).toEqual({ share: 0, peopleASecond: 0, secondsLeft: 0 });
  });
});
