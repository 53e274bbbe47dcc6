/** One question to a server about its time, and the answer. */
export interface TimeSample {
  /** By the local clock, in milliseconds. */
  readonly asked: number;
  readonly heard: number;
  /** By the server's clock, in milliseconds since the epoch, truncated to whole ones. */
  readonly told: number;
}

/** The lead of a server's clock over the local one, in milliseconds: within `error` of `offset` at `at`. */
export interface TimeEstimate {
  readonly offset: number;
  readonly error: number;
  /** The earliest local time at which the server read its clock: from then on the two clocks drift apart. */
  readonly at: number;
}

/** NTP adjusts a clock by at most 500 parts per million. @see RFC 5905, 11.3 */
const TURN = 0.0005;

/** The largest drift between two clocks, per millisecond of the slower one, with opposite adjustments. */
const DRIFT = (1 + TURN) / (1 - TURN) - 1;

/**
 * The estimate from one sample. The server read its clock at some instant between question and answer, so the middle of
 * the two is wrong by at most half the time between them.
 */
export const estimateOf = ({ asked, heard, told }: TimeSample): TimeEstimate => ({
  offset: told + 0.5 - (asked + heard) / 2,
  error: (heard - asked + 1) / 2,
  at: asked,
});

/** The error of an estimate at an instant of the local clock, unless one of the clocks was set meanwhile. */
export const errorOf = ({ error, at }: TimeEstimate, local: number): number => error + DRIFT * Math.max(0, local - at);

/** Whether two estimates fit the same clock, if it was not set in between. */
export const agree = (a: TimeEstimate, b: TimeEstimate): boolean => {
  const local = Math.max(a.at, b.at);
  return Math.abs(a.offset - b.offset) <= errorOf(a, local) + errorOf(b, local);
};
