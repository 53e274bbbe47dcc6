import type { Plugin } from 'graphql-yoga';
import { type Deadline, timedOut } from '../../base/deadline.ts';
import type { Turns } from './limits.ts';

interface Operation {
  readonly cost: number;
  /** Whose it is. */
  readonly line: string;
  /** Whether nobody waits for its answer any more. */
  readonly isOver: () => boolean;
}

interface Waiting extends Operation {
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

  const beginNext = () => {
    // a line that is put back is come to again
    for (const [line, waiting] of lines) {
      const [next] = waiting as [Waiting];
      if (!next.isOver() && !hasRoom(next.cost)) return;
      lines.delete(line);
      waiting.shift();
      if (waiting.length > 0) lines.set(line, waiting);
      underWay += next.cost;
      next.begin();
    }
  };

  const myTurn = (operation: Operation) =>
    new Promise<void>((begin) => {
      const waiting = lines.get(operation.line) ?? [];
      waiting.push({ ...operation, begin });
      lines.set(operation.line, waiting);
      beginNext();
    });

  return {
    /** Runs the work when it is the caller’s turn, and within their work, in the order in which it was asked for. */
    async take<Result>(operation: Operation, work: () => Result | Promise<Result>): Promise<Result> {
      const { cost } = operation;
      if (cost <= free) return work();
      await myTurn(operation);
      try {
        return await work();
      } finally {
        underWay -= cost;
        beginNext();
      }
    },
  };
}

/**
 * It stands within the time limit, so that whoever waits too long for a turn is told so, and is not begun any more; and
 * within the gate that records what is revealed, so that those who wait for a record leave their turn to others, and
 * share a write.
 */
export const useTurns = (turns: Turns): Plugin<Omit<Operation, 'isOver'> & { readonly deadline: Deadline }> => {
  const { take } = createTurns(turns);
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args) => {
        const { cost, line, deadline } = args.contextValue;
        const isOver = deadline.hasPassed;
        return take({ cost, line, isOver }, () => (isOver() ? { errors: [timedOut()] } : executeFn(args)));
      });
    },
  };
};
