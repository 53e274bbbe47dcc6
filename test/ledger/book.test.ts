import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { layoutOf } from '../../src/gateway/layout.ts';
import { createBook } from '../../src/ledger/book/book.ts';
import type { BookDocument, Books } from '../../src/ledger/book/book-document.ts';
import { seal } from '../../src/ledger/chain/entry.ts';
import { LedgerUnavailableError } from '../../src/ledger/ledger-unavailable.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { ensureIndexes } from '../../src/store/mongo/collection-layout.ts';
import { BOOK_HEADS, DISCLOSURE_BOOKS } from '../../src/store/mongo/collections.ts';
import { createBookHeads } from '../../src/store/mongo/repositories/book-heads.ts';
import { createBookDocuments } from '../../src/store/mongo/repositories/books.ts';
import { commandsDuring } from '../support/commands.ts';
import { openTestStore, quiet, type TestStore } from '../support/store.ts';
import { wordsWith } from '../support/words.ts';
import {
  acknowledgedRequests,
  auditBook,
  closeBooks,
  createClock,
  disclosed,
  disclosureBook,
  newSid,
  raw,
} from './support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await ensureIndexes(store, layoutOf(wordsWith()));
});
afterEach(closeBooks);
afterAll(() => store.drop());
beforeEach(async () => {
  for (const name of [DISCLOSURE_BOOKS, 'audit_books', BOOK_HEADS]) await raw(store, name).deleteMany({});
});

const documents = () => raw(store, DISCLOSURE_BOOKS).find().sort({ _id: 1 }).toArray();
const heads = () => raw(store, BOOK_HEADS).find().toArray();
const faults = async () => (await verify(store)).faults;
const MINUTE = 60_000;

type Put = Books['put'];

/** The books of disclosures with a `put` of their own. */
const booksWith = (put: (document: BookDocument, really: () => ReturnType<Put>) => ReturnType<Put>): Books => {
  const books: Books = createBookDocuments(store, DISCLOSURE_BOOKS);
  return { ...books, put: (document) => put(document, () => books.put(document)) };
};

const bookWith = (put: Parameters<typeof booksWith>[0], limits = {}) =>
  createBook({
    books: booksWith(put),
    heads: createBookHeads(store),
    clock: createClock(),
    log: quiet,
    limits: { timeoutMs: 1_500, ...limits },
  });

const many = (amount: number, record: (requestId: string) => Promise<void>) =>
  Promise.allSettled(Array.from({ length: amount }, (_, i) => record(`request-${i}`)));

test('a book that nobody writes to is never opened', async () => {
  const book = disclosureBook(store);
  await book.record([]);
  await book.close();
  expect(await documents()).toEqual([]);
});

test('a book is opened, written and sealed as one chain', async () => {
  const book = disclosureBook(store);
  const sid = newSid();
  await book.record([disclosed(sid)]);
  await book.close();
  const written = await documents();
  expect(written.map(({ _id, type }) => ({ n: _id.n, type }))).toEqual([
    { n: 0, type: 'OPEN' },
    { n: 1, type: 'ENTRIES' },
    { n: 2, type: 'SEAL' },
  ]);
  expect(written[1].entries).toEqual([disclosed(sid)]);
  expect(await heads()).toMatchObject([{ _id: written[0]._id.book, n: 2, hash: written[2].hash, sealed: true }]);
  expect(await faults()).toEqual([]);
});

test('two hundred responses at once share a few writes, and each is on disk before it goes on', async () => {
  const book = disclosureBook(store);
  const acknowledged = acknowledgedRequests(store);
  const commands = await commandsDuring(store, async () => {
    const outcomes = await many(200, async (requestId) => {
      await book.record([disclosed(newSid(), { requestId })]);
      expect(acknowledged).toContain(requestId);
    });
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
  });
  const inserts = commands.filter(({ name }) => name === 'insert');
  expect(inserts.length).toBeLessThan(20);
  for (const { command } of inserts) expect(command).toMatchObject({ writeConcern: { w: 1, j: true } });
  await book.close();
  expect(await verify(store)).toMatchObject({ checked: { disclosures: 200 }, faults: [] });
});

test('a response with more entries than a document holds is spread over several', async () => {
  const book = disclosureBook(store);
  await book.record(Array.from({ length: 1_200 }, () => disclosed(newSid())));
  const written = await documents();
  expect(written.flatMap(({ entries }) => (entries ? [entries.length] : []))).toEqual([500, 500, 200]);
  await book.close();
});

test('each entry lands in exactly one document when the outcome of a write is unknown', async () => {
  let attempts = 0;
  const book = bookWith(async (_, insert) => {
    attempts += 1;
    if (attempts % 2 === 0) throw new Error('the connection is gone before the write');
    const isWritten = await insert();
    if (attempts % 4 === 1) throw new Error('the connection is gone after the write');
    return isWritten;
  });
  const outcomes = await many(20, (requestId) => book.record([disclosed(newSid(), { requestId })]));
  expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true);
  await book.close();
  const requests = (await documents()).flatMap(({ entries = [] }) =>
    entries.map(({ requestId }: { requestId: string }) => requestId),
  );
  expect(requests.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `request-${i}`).sort());
  expect(await heads()).toHaveLength(1);
  expect(await faults()).toEqual([]);
});

test.each([
  { name: 'fails for good', outcome: () => Promise.reject(new Error('no')) },
  { name: 'never answers', outcome: () => new Promise<never>(() => {}) },
])('when the database $name, all waiting responses are refused, and later ones go to another book', async ({
  outcome,
}) => {
  let down = false;
  const book = bookWith((_, insert) => (down ? outcome() : insert()));
  await book.record([disclosed(newSid())]);
  down = true;
  const outcomes = await many(10, () => book.record([disclosed(newSid())]));
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual(
    Array(10).fill(expect.any(LedgerUnavailableError)),
  );
  down = false;
  await book.record([disclosed(newSid())]);
  await book.close();
  expect(await heads()).toHaveLength(2);
  expect(await verify(store)).toMatchObject({ checked: { disclosures: 2, books: 2 }, faults: [] });
});

test('when no book can be opened, all waiting responses are refused', async () => {
  const book = bookWith(() => Promise.reject(new Error('no')));
  const outcomes = await many(3, () => book.record([disclosed(newSid())]));
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  await book.close();
  expect(await documents()).toEqual([]);
});

test('a write that arrives too late only makes the abandoned book longer', async () => {
  let late: (() => Promise<unknown>) | undefined;
  const book = bookWith(
    (document, insert) => {
      if (document.type !== 'ENTRIES' || late) return insert();
      late = insert;
      return new Promise(() => {});
    },
    { timeoutMs: 1_000 },
  );
  await expect(book.record([disclosed(newSid())])).rejects.toThrow(LedgerUnavailableError);
  await book.record([disclosed(newSid())]);
  await late?.();
  await book.close();
  expect(await faults()).toEqual([]);
});

test('an entry without a canonical form is refused alone', async () => {
  const book = disclosureBook(store);
  const outcomes = await Promise.allSettled(
    ['ok', 'ok', '\ud800', 'ok'].map((recipient) => book.record([disclosed(newSid(), { recipient })])),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  await book.close();
  expect(await verify(store)).toMatchObject({ checked: { books: 1, disclosures: 3 }, faults: [] });
});

test('too many waiting entries are refused', async () => {
  const book = disclosureBook(store, { limits: { queued: 2 } });
  const outcomes = await many(5, () => book.record([disclosed(newSid())]));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
  await book.close();
});

test('a closed book takes nothing, and its waiting entries are written', async () => {
  const book = disclosureBook(store);
  const waiting = many(5, () => book.record([disclosed(newSid())]));
  await book.close();
  expect((await waiting).every(({ status }) => status === 'fulfilled')).toBe(true);
  await expect(book.record([disclosed(newSid())])).rejects.toThrow(LedgerUnavailableError);
  await book.close();
  expect((await documents()).at(-1)).toMatchObject({ type: 'SEAL' });
});

test('a writer goes on in a new book after another has sealed its own, and loses nothing', async () => {
  const book = disclosureBook(store);
  await book.record([disclosed(newSid(), { requestId: 'before' })]);
  const last = (await documents()).at(-1);
  const end = { _id: { book: last._id.book, n: last._id.n + 1 }, at: last.at, type: 'SEAL' };
  await raw(store, DISCLOSURE_BOOKS).insertOne(seal(end, last.hash));
  await book.record([disclosed(newSid(), { requestId: 'after' })]);
  await book.close();
  expect(await verify(store)).toMatchObject({ checked: { disclosures: 2, books: 2 }, faults: [] });
});

test('a newcomer seals the silent books of others, and only those', async () => {
  const clock = createClock();
  const silent = disclosureBook(store, { clock });
  const busy = disclosureBook(store, { clock });
  await silent.record([disclosed(newSid())]);
  await busy.record([disclosed(newSid())]);
  const [abandoned] = await raw(store, BOOK_HEADS).find().sort({ _id: 1 }).toArray();
  clock.advance(10 * MINUTE);
  await busy.record([disclosed(newSid())]);
  const newcomer = disclosureBook(store, { clock });
  await newcomer.record([disclosed(newSid())]);
  await newcomer.close();
  const ends = (await documents()).filter(({ type }) => type === 'SEAL');
  expect(ends).toHaveLength(2);
  expect(abandoned).toBeDefined();
  await busy.record([disclosed(newSid())]);
  await silent.record([disclosed(newSid())]);
  await Promise.all([busy.close(), silent.close()]);
  expect(await verify(store)).toMatchObject({ checked: { disclosures: 6, books: 4 }, faults: [] });
});

test('two newcomers at once seal a silent book once', async () => {
  const clock = createClock();
  await disclosureBook(store, { clock }).record([disclosed(newSid())]);
  clock.advance(10 * MINUTE);
  const newcomers = [disclosureBook(store, { clock }), disclosureBook(store, { clock })];
  await Promise.all(newcomers.map((book) => book.record([disclosed(newSid())])));
  await Promise.all(newcomers.map((book) => book.close()));
  expect((await documents()).filter(({ type }) => type === 'SEAL')).toHaveLength(3);
  expect(await heads()).toEqual(Array(3).fill(expect.objectContaining({ sealed: true })));
  expect(await faults()).toEqual([]);
});

test('many books of many processes are written at once, each a chain of its own', async () => {
  const books = [disclosureBook(store), disclosureBook(store), disclosureBook(store)];
  await Promise.all(books.map((book) => many(40, () => book.record([disclosed(newSid())]))));
  await Promise.all(books.map((book) => book.close()));
  expect(await verify(store)).toMatchObject({ checked: { disclosures: 120, books: 3 }, faults: [] });
});

test('an entry about nobody is written down as well', async () => {
  const book = auditBook(store);
  const act = { role: 'privacy', by: 'privacy-1', act: 'CHILD_FINDING_RECORDED', sids: [], case: 'c' } as const;
  const entry = { ...act, purpose: 'privacy-request', at: '2026-03-01T12:00:00.000Z', requestId: 'r', tokenId: 't' };
  await book.record([entry]);
  const written = await raw(store, 'audit_books').findOne({ type: 'ENTRIES' });
  expect(written.entries).toEqual([entry]);
  await book.close();
});

test('a book quotes the heads of the others, also of the other collection', async () => {
  const first = disclosureBook(store);
  await first.record([disclosed(newSid())]);
  await first.close();
  const second = auditBook(store);
  await second.record([
    {
      sids: [newSid()],
      role: 'support',
      by: 'support-1',
      purpose: 'customer-support',
      clauses: ['registration.contact'],
      categories: ['NAME'],
      at: '2026-03-01T12:00:00.000Z',
      requestId: 'r',
      tokenId: 't',
    },
  ]);
  const opening = await raw(store, 'audit_books').findOne({ type: 'OPEN' });
  const sealed = (await documents()).at(-1);
  expect(opening.heads).toEqual([{ collection: DISCLOSURE_BOOKS, ...sealed._id, hash: sealed.hash }]);
  await second.close();
  expect(await verify(store)).toMatchObject({ checked: { disclosures: 1, audits: 1 }, faults: [] });
});

test('the head is published once for many writes', async () => {
  const book = disclosureBook(store, { limits: { publishMs: 60_000 } });
  await book.record([disclosed(newSid())]);
  const commands = await commandsDuring(store, async () => {
    for (let i = 0; i < 5; i++) await book.record([disclosed(newSid())]);
    await book.close();
  });
  expect(commands.filter(({ name }) => name === 'update')).toHaveLength(1);
});

test('the time of writing never falls within a book', async () => {
  const clock = createClock();
  const book = disclosureBook(store, { clock });
  await book.record([disclosed(newSid())]);
  clock.advance(-MINUTE);
  await book.record([disclosed(newSid())]);
  await book.close();
  expect(new Set((await documents()).map(({ at }) => at)).size).toBe(1);
});

test('an entry of more people than fit into a document is spread over several', async () => {
  const sids = Array.from({ length: 1_201 }, newSid);
  const book = disclosureBook(store);
  await book.record([{ ...disclosed(''), sids }]);
  const entries = (await documents()).flatMap(({ entries = [] }) =>
    entries.map((entry: { sids: string[] }) => entry.sids),
  );
  expect(entries.map(({ length }) => length)).toEqual([500, 500, 201]);
  expect(entries.flat()).toEqual(sids);
});
