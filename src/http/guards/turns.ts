import type { Plugin } from 'graphql-yoga';
import { type Deadline, timedOut } from '../../deadline.ts';
import type { Turns } from './limits.ts';
import { type Counted, keyOf } from './rate.ts';

interface Waiting {
  readonly cost: number;
  readonly begin: () => void;
}

/**
 * Long operations take turns. One processor answers none of them sooner for beginning all of them at once; each would
 * hold all that it has read the longer, in memory that grows with the number of those who ask. Callers take turns too:
 * whoever asks for much at once waits for themself.
 */
export function createTurns({ free, together }: Turns) {
  /** By caller, whoever is next first. */
  const lines = new Map<string, Waiting[]>();
  let underWay = 0;

  const hasRoom = (cost: number) => underWay === 0 || underWay + cost <= together;
  const wait = (caller: string, cost: number) =>
    new Promise<void>((begin) => {
      const line = lines.get(caller) ?? [];
      line.push({ cost, begin });
      lines.set(caller, line);
    });
  const end = (cost: number) => {
    underWay -= cost;
    // a line that is put back is come to again
    for (const [caller, line] of lines) {
      const [next, ...others] = line as [Waiting, ...Waiting[]];
      if (!hasRoom(next.cost)) return;
      lines.delete(caller);
      if (others.length > 0) lines.set(caller, others);
      underWay += next.cost;
      next.begin();
    }
  };

  return {
    /** Runs the work when it is the caller’s turn, and within their work, in the order in which it was asked for. */
    async take<Result>(caller: string, asked: number, work: () => Result | Promise<Result>): Promise<Result> {
      if (asked <= free) return work();
      const cost = Number.isFinite(asked) ? asked : together;
      if (lines.size === 0 && hasRoom(cost)) underWay += cost;
      else await wait(caller, cost);
      try {
        return await work();
      } finally {
        end(cost);
      }
    },
  };
}

interface TurnContext {
  readonly cost: number;
  readonly counted: Counted;
  readonly deadline: Deadline;
}

/**
 * It stands within the time limit, so that whoever waits too long for a turn is told so, and is not begun any more; and
 * within the gate that records what is revealed, so that those who wait for a record leave their turn to others, and
 * share a write.
 */
export const useTurns = (turns: Turns): Plugin<TurnContext> => {
  const { take } = createTurns(turns);
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args) => {
        const { cost, counted, deadline } = args.contextValue;
        return take(keyOf(counted), cost, () => (deadline.hasPassed() ? { errors: [timedOut()] } : executeFn(args)));
      });
    },
  };
};
