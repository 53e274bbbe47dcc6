import type { Plugin } from 'graphql-yoga';
import { type Deadline, timedOut } from '../../deadline.ts';
import type { Turns } from './limits.ts';

/**
 * Long operations take turns. One processor answers none of them sooner for beginning all of them at once; each would
 * hold all that it has read the longer, in memory that grows with the number of those who ask.
 */
export function createTurns({ free, together }: Turns) {
  const waiting: { readonly cost: number; readonly begin: () => void }[] = [];
  let underWay = 0;

  const hasRoom = (cost: number) => underWay === 0 || underWay + cost <= together;
  const end = (cost: number) => {
    underWay -= cost;
    for (let next = waiting[0]; next && hasRoom(next.cost); next = waiting[0]) {
      waiting.shift();
      underWay += next.cost;
      next.begin();
    }
  };

  return {
    /** Runs the work when it is its turn, in the order in which it was asked for. */
    async take<Result>(asked: number, work: () => Result | Promise<Result>): Promise<Result> {
      if (asked <= free) return work();
      const cost = Number.isFinite(asked) ? asked : together;
      if (waiting.length === 0 && hasRoom(cost)) underWay += cost;
      else await new Promise<void>((begin) => waiting.push({ cost, begin }));
      try {
        return await work();
      } finally {
        end(cost);
      }
    },
  };
}

/**
 * It stands within the time limit, so that whoever waits too long for a turn is told so, and is not begun any more; and
 * within the gate that records what is revealed, so that those who wait for a record leave their turn to others, and
 * share a write.
 */
export const useTurns = (turns: Turns): Plugin<{ readonly cost: number; readonly deadline: Deadline }> => {
  const { take } = createTurns(turns);
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args) => {
        const { cost, deadline } = args.contextValue;
        return take(cost, () => (deadline.hasPassed() ? { errors: [timedOut()] } : executeFn(args)));
      });
    },
  };
};
