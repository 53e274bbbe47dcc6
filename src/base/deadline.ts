import { ApiError } from './errors.ts';

export const timedOut = () =>
  new ApiError('TIMEOUT', 'The answer took too long. What a mutation was to change may have been changed.');

/** When nobody waits for an operation's answer any more, so that nothing more is asked for it. */
export interface Deadline {
  readonly pass: () => void;
  readonly hasPassed: () => boolean;
  /** The same work, which throws {ApiError} TIMEOUT once it has passed, but for what is to be finished. */
  readonly before: <Args extends unknown[], Result>(
    work: (...args: Args) => Promise<Result>,
  ) => (...args: Args) => Promise<Result>;
  /** Work that is not begun any more either, but goes on to its end once it was: no write stops half-way. */
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
