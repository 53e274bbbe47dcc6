import { expect, test } from 'vitest';
import { STORAGE } from '../../../src/http/guards/limits.ts';
import { createStorageLimit } from '../../../src/http/guards/storage.ts';

const secret = Buffer.alloc(32, 1);
const HOME = 'visitor 192.0.2.1';

/** How many of so many tries are granted. */
const granted = async (mayStore: () => Promise<boolean>, tries: number) => {
  let count = 0;
  for (let n = 0; n < tries; n++) if (await mayStore()) count += 1;
  return count;
};

test('one request has five things stored, and the next has five more', async () => {
  const storageOf = createStorageLimit(secret);
  for (const _ of [1, 2]) expect(await granted(storageOf(HOME), 190)).toBe(STORAGE.ofRequest);
});

test('one network has three hundred things stored in an hour, however many requests it sends, and others theirs', async () => {
  const storageOf = createStorageLimit(secret);
  let count = 0;
  for (let request = 0; request < 100; request++) count += await granted(storageOf(HOME), 5);
  expect(count).toBe(STORAGE.ofNetwork);
  expect(await granted(storageOf('visitor 192.0.2.2'), 1)).toBe(1);
});
