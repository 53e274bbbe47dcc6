import type { Clock } from '../../src/base/clock.ts';

export interface TestClock extends Clock {
  set(instant: string | Date): void;
  advance(milliseconds: number): void;
}

/** A clock that stands still until it is moved. */
export function createClock(start: string | Date): TestClock {
  let now = new Date(start);
  return {
    now: () => new Date(now),
    set: (instant) => {
      now = new Date(instant);
    },
    advance: (milliseconds) => {
      now = new Date(now.getTime() + milliseconds);
    },
  };
}

export const DAY = 86_400_000;
export const HOUR = 3_600_000;
