import { eachAlone, inBatches } from './each-alone.ts';
import { isUnavailable } from './mongo/connection.ts';

/** A sweep whose first run in a process searches more than later ones do. */
export interface FirstSweep<T> {
  readonly searches: (isFirst: boolean) => readonly AsyncIterable<T>[];
  /** The items of one batch. */
  readonly most: number;
  readonly act: (batch: readonly T[]) => Promise<unknown>;
}

/**
 * Makes a sweep that acts on all items of its searches, batch by batch. If the database is out of reach, the next run is
 * a first one again. After any other fault it is not: all other items were looked at, and the next process meets the
 * faulty one again, if it is not due before.
 */
export function createFirstSweep<T>({ searches, most, act }: FirstSweep<T>): () => Promise<void> {
  let isFirst = true;
  return async () => {
    await eachAlone(searches(isFirst), (found) => eachAlone(inBatches(found, most), act)).catch((error: unknown) => {
      if (!isUnavailable(error)) isFirst = false;
      throw error;
    });
    isFirst = false;
  };
}
