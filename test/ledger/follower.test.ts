import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { layoutOf } from '../../src/gateway/layout.ts';
import { createDisclosureFollower, type DisclosureEntry } from '../../src/ledger/disclosure/disclosure.ts';
import { ensureIndexes } from '../../src/store/mongo/collection-layout.ts';
import { BOOK_HEADS, DISCLOSURE_BOOKS, FOLLOWED_BOOKS } from '../../src/store/mongo/collections.ts';
import { commandsDuring } from '../support/commands.ts';
import { until } from '../support/engines.ts';
import { openTestStore, quiet, type TestStore } from '../support/store.ts';
import { wordsWith } from '../support/words.ts';
import { closeBooks, disclosed, disclosureBook, newSid, raw } from './support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await ensureIndexes(store, layoutOf(wordsWith()));
});
beforeEach(async () => {
  for (const name of [DISCLOSURE_BOOKS, BOOK_HEADS, FOLLOWED_BOOKS]) await raw(store, name).deleteMany({});
});
afterEach(closeBooks);
afterAll(() => store.drop());

/** A follower that keeps the entries it is given, and fails on demand. */
function create() {
  const state = { seen: [] as string[], fails: null as Error | null, failed: 0 };
  const follower = createDisclosureFollower({
    ...store,
    log: quiet,
    follow: async (entries: readonly DisclosureEntry[]) => {
      if (state.fails) {
        state.failed += 1;
        throw state.fails;
      }
      state.seen.push(...entries.map(({ tokenId }) => tokenId));
    },
  });
  return Object.assign(state, follower);
}
const shown = (tokenId: string) => disclosed(newSid(), { tokenId });
const positions = async () => (await raw(store, FOLLOWED_BOOKS).find().toArray()).map(({ n }) => n);
/** The book of a process that follows nothing itself. */
const foreignBook = () => disclosureBook(store, { follower: { begin: create().begin, note: () => {} } });
const names = async (act: () => Promise<unknown>) => (await commandsDuring(store, act)).map(({ name }) => name);

test('a process follows its own documents soon after, and not again when it catches up', async () => {
  const follower = create();
  const book = disclosureBook(store, { follower });
  for (const token of ['a', 'b', 'c']) await book.record([shown(token)]);
  await until(() => follower.seen.length === 3);
  await follower.close();
  expect(await positions()).toEqual([3]);
  await follower.catchUp();
  expect(follower.seen).toEqual(['a', 'b', 'c']);
});

test('documents of another process are followed in order, from the position on record', async () => {
  const book = foreignBook();
  for (const token of ['a', 'b', 'c']) await book.record([shown(token)]);
  const [first, second] = [create(), create()];
  await first.catchUp();
  expect(first.seen).toEqual(['a', 'b', 'c']);
  for (const token of ['d', 'e']) await book.record([shown(token)]);
  await second.catchUp();
  expect(second.seen).toEqual(['d', 'e']);
});

test('a book of any length is followed to its end', async () => {
  const book = foreignBook();
  const tokens = Array.from({ length: 50 }, (_, index) => `${index}`);
  for (const token of tokens) await book.record([shown(token)]);
  const follower = create();
  await follower.catchUp();
  expect(follower.seen).toEqual(tokens);
});

test('a book that was sealed and followed to its end is not read again', async () => {
  const book = foreignBook();
  await book.record([shown('a')]);
  await book.close();
  const follower = create();
  await follower.catchUp();
  expect(follower.seen).toEqual(['a']);
  expect(await positions()).toEqual([]);
  // this asks for the books left to follow, and for no document of a book
  expect(await names(follower.catchUp)).toEqual(['find']);
});

test('after a fault the position stays before it until a later catching up follows it', async () => {
  const follower = create();
  const book = disclosureBook(store, { follower });
  await book.record([shown('a')]);
  await until(() => follower.seen.length === 1);
  follower.fails = new Error('no');
  await book.record([shown('b')]);
  await until(() => follower.failed > 0);
  await expect(follower.catchUp()).rejects.toThrow('no');
  follower.fails = null;
  await book.record([shown('c')]);
  await until(() => follower.seen.includes('c'));
  await follower.close();
  expect(await positions()).toEqual([1]);
  await follower.catchUp();
  expect(new Set(follower.seen)).toEqual(new Set(['a', 'b', 'c']));
  expect(await positions()).toEqual([3]);
  // its own position has moved along
  await book.record([shown('d')]);
  await until(() => follower.seen.includes('d'));
  await follower.close();
  expect(await positions()).toEqual([4]);
});

test('a faulty document keeps no other waiting, neither in its own book nor in another', async () => {
  const seen: string[] = [];
  const follower = createDisclosureFollower({
    ...store,
    log: quiet,
    follow: async (entries) => {
      seen.push(...entries.map(({ tokenId }) => tokenId));
      if (entries.some(({ tokenId }) => tokenId === 'bad')) throw new Error('no');
    },
  });
  for (const token of ['good', 'better']) await foreignBook().record([shown(token)]);
  const book = foreignBook();
  await book.record([shown('bad')]);
  const after = Array.from({ length: 25 }, (_, index) => `after ${index}`);
  for (const token of after) await book.record([shown(token)]);
  await expect(follower.catchUp()).rejects.toThrow('no');
  expect(new Set(seen)).toEqual(new Set(['good', 'better', 'bad', ...after]));
  expect((await positions()).sort()).toEqual([0, 1, 1]);
});

test('a missing document is waited for, even if later ones are there', async () => {
  const book = foreignBook();
  for (const token of ['a', 'b', 'c']) await book.record([shown(token)]);
  const [missing] = await raw(store, DISCLOSURE_BOOKS).find({ '_id.n': 2 }).toArray();
  await raw(store, DISCLOSURE_BOOKS).deleteOne({ _id: missing._id });
  const follower = create();
  await follower.catchUp();
  expect(follower.seen).toEqual(['a']);
  await raw(store, DISCLOSURE_BOOKS).insertOne(missing);
  await follower.catchUp();
  expect(follower.seen).toEqual(['a', 'b', 'c']);
});

test('calls that come while one is under way share the next one, which takes in all that is on record by then', async () => {
  const book = foreignBook();
  await book.record([shown('a')]);
  const follower = create();
  const first = follower.catchUp();
  await book.record([shown('b')]);
  const [second, third] = [follower.catchUp(), follower.catchUp()];
  expect(third).toBe(second);
  await Promise.all([first, second]);
  expect(follower.seen).toEqual(['a', 'b']);
});
