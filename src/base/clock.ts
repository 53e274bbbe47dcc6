/** Where the time comes from: from the primary of the database; tests give one that they move. */
export interface Clock {
  readonly now: () => Date;
  /** How far it can be from the clock that all gateways go by, in milliseconds; none where it is that clock. */
  readonly error?: () => number;
}

/** The clock of this machine, which may be wrong: nothing is decided by it, or put on record. For tests. */
export const systemClock: Clock = { now: () => new Date() };
