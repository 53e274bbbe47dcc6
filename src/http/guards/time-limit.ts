import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Deadline, timedOut } from '../../base/deadline.ts';

/**
 * Answers in time, if only that it took too long. Work under way then shows nothing and asks for nothing more: this
 * limit stands around the gate that records disclosures.
 */
export const useTimeLimit = (milliseconds: number): Plugin<{ readonly deadline: Deadline }> => ({
  onExecute({ executeFn, setExecuteFn }) {
    setExecuteFn(async (args) => {
      let timer: NodeJS.Timeout | undefined;
      const expired = new Promise<ExecutionResult>((resolve) => {
        timer = setTimeout(() => {
          (args.contextValue as { readonly deadline: Deadline }).deadline.pass();
          resolve({ errors: [timedOut()] });
        }, milliseconds);
      });
      try {
        return await Promise.race([executeFn(args), expired]);
      } finally {
        clearTimeout(timer);
      }
    });
  },
});
