import { expect, test, vi } from 'vitest';
import { shareReads } from '../../src/store/shared-reads.ts';

const doubled = async (keys: readonly number[]) => keys.map((key) => key * 2);

test('one command reads for all callers of a turn, and each gets its own order', async () => {
  const read = vi.fn(doubled);
  const find = shareReads(read);
  expect(await Promise.all([find([1, 2]), find([2]), find([3, 1])])).toEqual([[2, 4], [4], [6, 2]]);
  expect(read.mock.calls).toEqual([[[1, 2, 2, 3, 1]]]);
});

test('nothing is kept: a later caller gets the values of that time', async () => {
  let now = 'before';
  const find = shareReads(async (keys: readonly string[]) => keys.map(() => now));
  expect(await find(['a'])).toEqual(['before']);
  now = 'after';
  expect(await find(['a'])).toEqual(['after']);
});

test('a record that can’t be read fails its own callers alone', async () => {
  const find = shareReads(async (keys: readonly number[]) => {
    if (keys.includes(13)) throw new Error('a record is broken');
    return doubled(keys);
  });
  const [broken, sound] = await Promise.allSettled([find([13]), find([1])]);
  expect(broken).toMatchObject({ status: 'rejected', reason: { message: 'a record is broken' } });
  expect(sound).toEqual({ status: 'fulfilled', value: [2] });
});
