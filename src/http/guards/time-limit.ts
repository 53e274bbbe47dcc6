import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ApiError } from '../../errors.ts';

const late = (): ExecutionResult => ({
  errors: [new ApiError('TIMEOUT', 'The answer took too long. What a mutation was to change may have been changed.')],
});

/**
 * Answers in time, if only that it took too long. What is under way comes to its end, but nothing of it is shown: it
 * stands around the gate that records what is revealed.
 */
export const useTimeLimit = (milliseconds: number): Plugin => ({
  onExecute({ executeFn, setExecuteFn }) {
    setExecuteFn(async (args) => {
      let timer: NodeJS.Timeout | undefined;
      const expired = new Promise<ExecutionResult>((resolve) => {
        timer = setTimeout(() => resolve(late()), milliseconds);
      });
      try {
        return await Promise.race([executeFn(args), expired]);
      } finally {
        clearTimeout(timer);
      }
    });
  },
});
