const ATTEMPTS = 5;

/**
 * Gives each of some keys one value for good, also while other gateways give them one: a value on record stays.
 *
 * @param make  a new value, for a key that has none
 * @param put  puts new values on record; false where one of the keys has one already
 * @param find  what is on record of the keys, as proven
 * @throws {Error} others give values and take them away, again and again
 */
export async function giveEach<Value>(
  keys: readonly string[],
  make: () => Value,
  put: (made: ReadonlyMap<string, Value>) => Promise<boolean>,
  find: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): Promise<Map<string, Value>> {
  let held: ReadonlyMap<string, Value> = new Map();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const made = new Map(keys.filter((key) => !held.has(key)).map((key) => [key, make()]));
    if (made.size === 0) return new Map(held);
    if (await put(made)) return new Map([...held, ...made]);
    held = await find(keys);
  }
  throw new Error('Others give values to the same keys and take them away, again and again.');
}
