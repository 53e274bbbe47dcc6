import { isUnavailable } from './mongo/connection.ts';

/**
 * Runs the same work for each item, in turn: after a failure the next items still get their turn. If the database is
 * out of reach, the loop ends at once.
 *
 * @throws the first fault, after the last item
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

/** Splits items into lists of limited length. */
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
