import { LedgerUnavailableError } from './ledger-unavailable.ts';

interface Waiting<E> {
  readonly entries: readonly E[];
  readonly weight: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Lets many callers share a write: while one is in flight, the entries that arrive gather, and the next write takes
 * them together. If writing is unavailable, it is so for all callers that wait; any other fault is of one among them,
 * so each is then written alone.
 *
 * @param write     called with entries that weigh up to `perWrite` together, never twice at once
 * @param limits    entries that weigh up to `queued` together may wait; more are refused at once
 * @param weightOf  of one entry, which weighs no more than `perWrite`
 */
export function createGroupCommit<E>(
  write: (entries: readonly E[]) => Promise<void>,
  { perWrite, queued }: { perWrite: number; queued: number },
  weightOf: (entry: E) => number = () => 1,
) {
  let queue: Waiting<E>[] = [];
  let size = 0;
  let writing: Promise<void> | null = null;

  const partsOf = (entries: readonly E[]) => {
    const parts: { entries: E[]; weight: number }[] = [];
    for (const entry of entries) {
      const weight = weightOf(entry);
      const last = parts.at(-1);
      if (last && last.weight + weight <= perWrite) {
        last.entries.push(entry);
        last.weight += weight;
      } else parts.push({ entries: [entry], weight });
    }
    return parts;
  };

  const take = (): Waiting<E>[] => {
    let together = 0;
    let end = 0;
    for (const { weight } of queue) {
      if (together + weight > perWrite) break;
      together += weight;
      end += 1;
    }
    size -= together;
    return queue.splice(0, end);
  };

  const takeAll = (): Waiting<E>[] => {
    const all = queue;
    queue = [];
    size = 0;
    return all;
  };

  /** @returns the cause that made writing unavailable, if any */
  async function settle(batch: readonly Waiting<E>[]): Promise<LedgerUnavailableError | null> {
    let outage: LedgerUnavailableError | null = null;
    try {
      await write(batch.flatMap(({ entries }) => entries));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (error instanceof LedgerUnavailableError) {
        outage = error;
        for (const { reject } of [...batch, ...takeAll()]) reject(error);
      } else if (batch.length === 1) batch[0]?.reject(error);
      else
        for (const one of batch)
          if (outage) one.reject(outage);
          else outage = await settle([one]);
    }
    return outage;
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
      const parts = partsOf(entries);
      const added = parts.reduce((sum, { weight }) => sum + weight, 0);
      if (size + added > queued) throw new LedgerUnavailableError('Too many records wait to be written.');
      size += added;
      const written = parts.map(
        (part) => new Promise<void>((resolve, reject) => queue.push({ ...part, resolve, reject })),
      );
      writing ??= settleAll();
      await Promise.all(written);
    },

    /** Resolves once nothing waits. */
    async idle(): Promise<void> {
      await writing;
    },
  };
}
