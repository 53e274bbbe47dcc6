/** The source of the time. Gateways take it from the primary of the database; tests pass a clock that they move. */
export interface Clock {
  readonly now: () => Date;
  /** The largest possible difference from the clock that all gateways share, in ms; absent for that clock itself. */
  readonly error?: () => number;
}

/** The clock of this machine, for tests. It may be wrong, so that no decision or record uses it. */
export const systemClock: Clock = { now: () => new Date() };
