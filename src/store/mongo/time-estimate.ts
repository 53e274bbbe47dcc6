/** One question to a server about its time, and the answer. */
export interface TimeSample {
  /** By the local clock, in milliseconds. */
  readonly asked: number;
  readonly heard: number;
  /** By the server's clock, in whole milliseconds since the epoch: the rest of the millisecond is cut off. */
  readonly told: number;
}

/** How far a server's clock is ahead of the local one, in milliseconds: within `error` of `offset` at `at`. */
export interface TimeEstimate {
  readonly offset: number;
  readonly error: number;
  /** By the local clock, when the server read its own at the earliest: from then on the two clocks drift apart. */
  readonly at: number;
}

/** A system that keeps its clock by NTP turns it by at most 500 parts per million. @see RFC 5905, 11.3 */
const TURN = 0.0005;

/** How fast two clocks drift apart, per millisecond of the slower one, where each is turned its own way. */
const DRIFT = (1 + TURN) / (1 - TURN) - 1;

/**
 * What one sample says. The server read its clock at some instant between question and answer, so the middle of the two
 * is wrong by no more than half the time between them.
 */
export const estimateOf = ({ asked, heard, told }: TimeSample): TimeEstimate => ({
  offset: told + 0.5 - (asked + heard) / 2,
  error: (heard - asked + 1) / 2,
  at: asked,
});

/** How wrong an estimate can be at an instant of the local clock, unless one of the clocks was set meanwhile. */
export const errorOf = ({ error, at }: TimeEstimate, local: number): number => error + DRIFT * Math.max(0, local - at);

/** Whether two estimates can both be right about one clock that was not set in between. */
export const agree = (a: TimeEstimate, b: TimeEstimate): boolean => {
  const local = Math.max(a.at, b.at);
  return Math.abs(a.offset - b.offset) <= errorOf(a, local) + errorOf(b, local);
};
