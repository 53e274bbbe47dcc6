import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAllowances } from '../../src/store/allowances.ts';
import { createBlindIndex } from '../../src/store/derive.ts';
import { ALLOWANCES } from '../../src/store/mongo/repositories/allowances.ts';
import { createClock, HOUR } from '../support/clock.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.drop());

const clock = createClock('2026-03-10T12:00:00.000Z');
const blindIndex = createBlindIndex(Buffer.alloc(32, 1));
const mail = { of: 'mail', most: 2, withinMs: HOUR };
const open = () => createAllowances(store, blindIndex, clock);
const kept = () => store.connection.getClient().db(store.connection.name).collection(ALLOWANCES);
beforeEach(() => kept().deleteMany({}));

describe('an allowance', () => {
  test('is given as often as it says, over all gateways together', async () => {
    const answers = [];
    for (const gateway of [open(), open(), open(), open()]) answers.push(await gateway.take(mail, 'ada@example.com'));
    expect(answers).toEqual([true, true, false, false]);
  });

  test('is given as often as it says to many at once', async () => {
    const ten = { ...mail, most: 10 };
    const answers = await Promise.all(Array.from({ length: 50 }, () => open().take(ten, 'ada@example.com')));
    expect(answers.filter((given) => given)).toHaveLength(10);
  });

  test('is whole again after its time, counted from the first', async () => {
    for (const minutes of [0, 20, 20]) {
      clock.advance(minutes * 60_000);
      await open().take(mail, 'ada@example.com');
    }
    clock.advance(20 * 60_000 - 1);
    expect(await open().take(mail, 'ada@example.com')).toBe(false);
    clock.advance(1);
    expect(await open().take(mail, 'ada@example.com')).toBe(true);
  });

  test('is counted for each key and each thing alone', async () => {
    const one = { ...mail, most: 1 };
    expect(await open().take(one, 'ada@example.com')).toBe(true);
    expect(await open().take(one, 'ben@example.com')).toBe(true);
    expect(await open().take({ ...one, of: 'case' }, 'ada@example.com')).toBe(true);
    expect(await open().take(one, 'ada@example.com')).toBe(false);
  });

  test('keeps a mark of its key, and is forgotten once it is whole', async () => {
    await open().take(mail, 'ada@example.com');
    expect(JSON.stringify(await kept().find({}).toArray())).not.toContain('ada');
    clock.advance(HOUR);
    await open().sweep();
    expect(await kept().countDocuments()).toBe(0);
  });
});
