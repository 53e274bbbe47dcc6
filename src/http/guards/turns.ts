import type { Plugin } from 'graphql-yoga';
import { type Deadline, timedOut } from '../../base/deadline.ts';
import type { Turns } from './limits.ts';

interface Operation {
  readonly cost: number;
  /** The caller that sent it, by the name under which it is counted. */
  readonly line: string;
  /** Whether nobody waits for its answer any more. */
  readonly isOver: () => boolean;
}

interface Waiting extends Operation {
  readonly begin: () => void;
}

/**
 * Long operations take turns. One processor does not answer them sooner if it begins all of them at once. Each would
 * then hold its data longer, in memory that grows with the number of callers. Callers take turns too: a caller with
 * many operations at once waits only for its own.
 */
export function createTurns({ free, together }: Turns) {
  /** By caller, in the order of their turns. */
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
 * It stands within the time limit, so that a caller that waits too long for a turn gets an answer, and its operation is
 * not begun any more. It stands within the gate that records disclosures, so that operations that wait for a record
 * leave their turn to others, and share a write.
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
