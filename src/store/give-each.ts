const ATTEMPTS = 5;

/**
 * Gives each key one value for good, even if other gateways do the same at that time: a value on record stays.
 *
 * @param make  makes a new value for a key without one
 * @param put  puts new values on record; false if one of the keys already has a value
 * @param find  reads the values of the keys on record, proven
 * @throws {Error} if others give values and remove them again and again
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
