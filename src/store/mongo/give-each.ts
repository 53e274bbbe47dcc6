import { isDuplicateKey } from './duplicate-key.ts';

const ATTEMPTS = 5;

/**
 * Gives each of some keys one value for good, whoever else gives it one at the same time: what is there already holds.
 *
 * @param make  a new value, for a key that has none
 * @param put  puts new values on record; refuses with a duplicate key where one is there already
 * @param find  what is on record of the keys, as proven
 * @throws the driver's error of a duplicate key where others give values and take them away, again and again
 */
export async function giveEach<Value>(
  keys: readonly string[],
  make: () => Value,
  put: (made: ReadonlyMap<string, Value>) => Promise<unknown>,
  find: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): Promise<Map<string, Value>> {
  let held: ReadonlyMap<string, Value> = new Map();
  for (let attempt = 1; ; attempt++) {
    const made = new Map(keys.filter((key) => !held.has(key)).map((key) => [key, make()]));
    if (made.size === 0) return new Map(held);
    try {
      await put(made);
      return new Map([...held, ...made]);
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === ATTEMPTS) throw error;
      held = await find(keys);
    }
  }
}
