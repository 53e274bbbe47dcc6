import DataLoader from 'dataloader';
import { isUnavailable } from './mongo/connection.ts';

/** How many keys one command asks for: as many as fit into it (16 MB) where each is as long as a request may be. */
const MOST_KEYS = 100;

/** Finds a value for each of the keys, in their order; a key may stand among them twice. */
export type Read<Key, Value> = (keys: readonly Key[]) => Promise<readonly Value[]>;

/**
 * Lets requests share a read: whatever is asked for in one turn of the event loop is read by one command. Nothing is
 * kept, and every read begins after it was asked for, so that nobody is told what was true before. Where a read for
 * many fails, each is read for alone: what is wrong with one record is nobody else's fault.
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

/** Puts the records that were found into the order in which they were asked for; null where there is none. */
export const inOrder =
  <Value>(
    find: (keys: readonly string[]) => Promise<readonly Value[]>,
    keyOf: (value: Value) => string,
  ): Read<string, Value | null> =>
  async (keys) => {
    const found = new Map((await find(keys)).map((value) => [keyOf(value), value]));
    return keys.map((key) => found.get(key) ?? null);
  };
