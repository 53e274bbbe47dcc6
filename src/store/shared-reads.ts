import DataLoader from 'dataloader';
import { isUnavailable } from './mongo/connection.ts';

/** The most keys of one command: so many fit into it (16 MB) even if each is as long as a request may be. */
const MOST_KEYS = 100;

/** Finds a value for each of the keys, in their order; a key may occur twice. */
export type Read<Key, Value> = (keys: readonly Key[]) => Promise<readonly Value[]>;

/**
 * Lets requests share a read: one command reads all keys that are asked for in one turn of the event loop. Nothing is
 * cached, and every read begins after its request, so that no caller gets stale values. If a shared read fails, each
 * caller's keys are read alone, so that a faulty record affects no other caller.
 */
export function shareReads<Key, Value>(read: Read<Key, Value>): Read<Key, Value> {
  const readAlone = async (key: Key): Promise<Value | Error> => {
    try {
      const [value] = await read([key]);
      return value as Value;
    } catch (error) {
      return error instanceof Error ? error : new Error('A record could not be read.', { cause: error });
    }
  };
  const loader = new DataLoader<Key, Value>(
    async (keys) => {
      try {
        return [...(await read(keys))];
      } catch (error) {
        if (keys.length === 1 || isUnavailable(error)) throw error;
        return Promise.all(keys.map(readAlone));
      }
    },
    { cache: false, maxBatchSize: MOST_KEYS, batchScheduleFn: (callback) => void setImmediate(callback) },
  );
  return (keys) => Promise.all(keys.map((key) => loader.load(key)));
}

/** Puts found records into the order of the request, with null for each missing one. */
export const inOrder =
  <Value>(
    find: (keys: readonly string[]) => Promise<readonly Value[]>,
    keyOf: (value: Value) => string,
  ): Read<string, Value | null> =>
  async (keys) => {
    const found = new Map((await find(keys)).map((value) => [keyOf(value), value]));
    return keys.map((key) => found.get(key) ?? null);
  };
