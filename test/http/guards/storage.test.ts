import { describe, expect, test } from 'vitest';
import { STORAGE, type Stored } from '../../../src/http/guards/limits.ts';
import { createStorageLimit } from '../../../src/http/guards/storage.ts';

const secret = Buffer.alloc(32, 1);
const HOME = 'visitor 192.0.2.1';
const KINDS = Object.keys(STORAGE) as Stored[];

/** How many of so many tries are granted. */
const granted = async (mayStore: (kind: Stored) => Promise<boolean>, kind: Stored, tries: number) => {
  let count = 0;
  for (let n = 0; n < tries; n++) if (await mayStore(kind)) count += 1;
  return count;
};

describe.each(KINDS)('%s', (kind) => {
  test('is stored five times for one request, and five times more for the next', async () => {
    const storageOf = createStorageLimit(secret);
    for (const _ of [1, 2]) expect(await granted(storageOf(HOME), kind, 190)).toBe(5);
  });

  test('is stored as often as its limit for one network in an hour, and others have theirs', async () => {
    const storageOf = createStorageLimit(secret);
    const { ofNetwork, ofRequest } = STORAGE[kind];
    let count = 0;
    for (let request = 0; request < ofNetwork / ofRequest + 5; request++)
      count += await granted(storageOf(HOME), kind, ofRequest);
    expect(count).toBe(ofNetwork);
    expect(await granted(storageOf('visitor 192.0.2.2'), kind, 1)).toBe(1);
  });
});

test('one kind takes nothing of another: a network that visits the site can still report a child', async () => {
  const mayStore = createStorageLimit(secret)(HOME);
  for (const kind of KINDS) expect(await granted(mayStore, kind, 190)).toBe(5);
});
