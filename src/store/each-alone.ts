import { isUnavailable } from './mongo/connection.ts';

/**
 * Does the same about each, in turn: one for whom it fails keeps nobody else waiting. Where the database is out of reach
 * it ends at once.
 *
 * @throws the first fault, once all have been tried
 */
export async function eachAlone<T>(
  all: Iterable<T> | AsyncIterable<T>,
  act: (one: T) => Promise<unknown>,
): Promise<void> {
  const faults: unknown[] = [];
  for await (const one of all)
    await act(one).catch((error: unknown) => {
      if (isUnavailable(error)) throw error;
      faults.push(error);
    });
  if (faults.length > 0) throw faults[0];
}

/** The same in lists of so many at the most, which are done together. */
export async function* inBatches<T>(all: Iterable<T> | AsyncIterable<T>, most: number): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const one of all) {
    batch.push(one);
    if (batch.length < most) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
