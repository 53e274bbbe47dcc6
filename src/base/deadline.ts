import { ApiError } from './errors.ts';

export const timedOut = () =>
  new ApiError('TIMEOUT', 'The answer took too long. A mutation may have made its changes.');

/** After its deadline nobody waits for an operation's answer, and the gateway does no more work for it. */
export interface Deadline {
  readonly pass: () => void;
  readonly hasPassed: () => boolean;
  /** The same work; after the deadline it throws {ApiError} TIMEOUT, unless a `finish` is under way. */
  readonly before: <Args extends unknown[], Result>(
    work: (...args: Args) => Promise<Result>,
  ) => (...args: Args) => Promise<Result>;
  /** Runs work to its end once it has begun, so that no write stops half-way. After the deadline no work begins. */
  readonly finish: <Result>(work: () => Result | Promise<Result>) => Promise<Result>;
}

export function createDeadline(): Deadline {
  let hasPassed = false;
  let unfinished = 0;
  const check = () => {
    if (hasPassed && unfinished === 0) throw timedOut();
  };
  return {
    pass: () => {
      hasPassed = true;
    },
    hasPassed: () => hasPassed,
    before:
      (work) =>
      async (...args) => {
        check();
        return work(...args);
      },
    finish: async (work) => {
      check();
      unfinished += 1;
      try {
        return await work();
      } finally {
        unfinished -= 1;
      }
    },
  };
}
