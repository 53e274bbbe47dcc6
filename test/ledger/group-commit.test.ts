import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGroupCommit } from '../../src/ledger/group-commit.ts';
import { LedgerUnavailableError } from '../../src/ledger/ledger-unavailable.ts';

const LIMITS = { perWrite: 5, queued: 50 };

/** Remembers each write and takes a moment for it. */
const slowWriter = () => {
  const written: string[][] = [];
  const write = async (entries: readonly string[]) => {
    await sleep(1);
    written.push([...entries]);
  };
  return { written, write };
};

test('entries that arrive while a write is in flight share the next one', async () => {
  const { written, write } = slowWriter();
  const { record } = createGroupCommit(write, LIMITS);
  await Promise.all(['a', 'b', 'c'].map((entry) => record([entry])));
  expect(written).toEqual([['a'], ['b', 'c']]);
});

test('a response that does not fit into one write resolves after its last', async () => {
  const { written, write } = slowWriter();
  const { record } = createGroupCommit(write, LIMITS);
  await record([...'abcdefghijkl']);
  expect(written).toEqual([[...'abcde'], [...'fghij'], [...'kl']]);
});

test('a heavier entry takes more of a write, and of the queue', async () => {
  const { written, write } = slowWriter();
  const { record } = createGroupCommit(write, { perWrite: 5, queued: 12 }, (entry: string) => entry.length);
  await record(['aaa', 'bb', 'cccc', 'dd']);
  expect(written).toEqual([['aaa', 'bb'], ['cccc'], ['dd']]);
  await expect(record(['aaaaa', 'bbbbb', 'ccc'])).rejects.toThrow(LedgerUnavailableError);
});

test('nothing to record needs no write', async () => {
  const { written, write } = slowWriter();
  const { record } = createGroupCommit(write, LIMITS);
  await record([]);
  expect(written).toEqual([]);
  await record(['a']);
  expect(written).toEqual([['a']]);
});

test('an entry beyond the queue is refused at once, and the queue is written all the same', async () => {
  const { written, write } = slowWriter();
  const { record } = createGroupCommit(write, { perWrite: 5, queued: 6 });
  const first = record(['in flight']);
  const waiting = record([...'abcdef']);
  await expect(record(['too many'])).rejects.toThrow(LedgerUnavailableError);
  await Promise.all([first, waiting]);
  expect(written.flat()).toEqual(['in flight', ...'abcdef']);
});

test('an unavailable write fails every waiting entry, and later ones try again', async () => {
  let attempts = 0;
  const { record } = createGroupCommit(async () => {
    attempts += 1;
    await sleep(1);
    if (attempts === 1) throw new LedgerUnavailableError('no database');
  }, LIMITS);
  const outcomes = await Promise.allSettled([record(['a']), record(['b']), record([...'cdefghij'])]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(attempts).toBe(1);
  await expect(record(['d'])).resolves.toBeUndefined();
});

test('an entry that can not be written fails alone', async () => {
  const written: string[] = [];
  const { record } = createGroupCommit<string>(async (entries) => {
    await sleep(1);
    if (entries.includes('bad')) throw new TypeError('no canonical form');
    written.push(...entries);
  }, LIMITS);
  const outcomes = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((entry) => record([entry])));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(written).toEqual(['a', 'b', 'c']);
});

test('every entry is written once, in order, never two writes at a time, none too large', async () => {
  const responses = fc.array(fc.array(fc.uuid(), { maxLength: 12 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(responses, fc.integer({ min: 1, max: 7 }), async (all, perWrite) => {
      const written: string[] = [];
      let inFlight = 0;
      const { record, idle } = createGroupCommit<string>(
        async (entries) => {
          inFlight += 1;
          expect(inFlight).toBe(1);
          expect(entries.length).toBeLessThanOrEqual(perWrite);
          await Promise.resolve();
          written.push(...entries);
          inFlight -= 1;
        },
        { perWrite, queued: 1_000 },
      );
      await Promise.all(
        all.map(async (entries) => {
          await record(entries);
          for (const entry of entries) expect(written).toContain(entry);
        }),
      );
      await idle();
      expect(written).toEqual(all.flat());
    }),
  );
});

test('entries tried one by one after a fault are not tried any more once writing is unavailable', async () => {
  let attempts = 0;
  const { record } = createGroupCommit<string>(async (entries) => {
    attempts += 1;
    await sleep(1);
    if (entries.length > 1) throw new TypeError('one of them');
    if (attempts > 2) throw new LedgerUnavailableError('no database');
  }, LIMITS);
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((entry) => record([entry])));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
  expect(attempts).toBe(3);
});
