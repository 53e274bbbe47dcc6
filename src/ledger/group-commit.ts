import { LedgerUnavailableError } from './unavailable.ts';

interface Waiting<E> {
  readonly entries: readonly E[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Lets many share a write: while one is in flight, whatever arrives gathers, and the next write takes it together.
 * Where writing is unavailable, it is so for all who wait; any other fault is of one among them, who are told apart.
 *
 * @param write   called with 1 to `perWrite` entries, never twice at once
 * @param limits  `queued` entries may wait; more are refused at once
 */
export function createGroupCommit<E>(
  write: (entries: readonly E[]) => Promise<void>,
  { perWrite, queued }: { perWrite: number; queued: number },
) {
  let queue: Waiting<E>[] = [];
  let size = 0;
  let writing: Promise<void> | null = null;

  const take = (): Waiting<E>[] => {
    let count = 0;
    let end = 0;
    for (const { entries } of queue) {
      if (count + entries.length > perWrite) break;
      count += entries.length;
      end += 1;
    }
    size -= count;
    return queue.splice(0, end);
  };

  const takeAll = (): Waiting<E>[] => {
    const all = queue;
    queue = [];
    size = 0;
    return all;
  };

  async function settle(batch: readonly Waiting<E>[]): Promise<void> {
    try {
      await write(batch.flatMap(({ entries }) => entries));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (error instanceof LedgerUnavailableError) for (const { reject } of [...batch, ...takeAll()]) reject(error);
      else if (batch.length === 1) batch[0]?.reject(error);
      else for (const one of batch) await settle([one]);
    }
  }

  async function settleAll(): Promise<void> {
    while (queue.length > 0) await settle(take());
    writing = null;
  }

  return {
    /**
     * @param entries  of one response; more than fit into a write are spread over several
     * @throws {LedgerUnavailableError} too many wait already, or writing is unavailable
     */
    async record(entries: readonly E[]): Promise<void> {
      if (entries.length === 0) return;
      if (size + entries.length > queued) throw new LedgerUnavailableError('Too many records wait to be written.');
      size += entries.length;
      const parts = Array.from({ length: Math.ceil(entries.length / perWrite) }, (_, i) => {
        const part = entries.slice(i * perWrite, (i + 1) * perWrite);
        return new Promise<void>((resolve, reject) => queue.push({ entries: part, resolve, reject }));
      });
      writing ??= settleAll();
      await Promise.all(parts);
    },

    /** Resolves once nothing waits. */
    async idle(): Promise<void> {
      await writing;
    },
  };
}
