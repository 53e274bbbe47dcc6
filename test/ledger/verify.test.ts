import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { layoutOf } from '../../src/gateway/layout.ts';
import { append, EMPTY_CHAIN, seal } from '../../src/ledger/chain/entry.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { ensureIndexes } from '../../src/store/mongo/collection-layout.ts';
import {
  AUDIT_BOOKS,
  BOOK_HEADS,
  DISCLOSURE_BOOKS,
  PEOPLE,
  PERSON_LEDGER,
  TOMBSTONES,
} from '../../src/store/mongo/collections.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { wordsWith } from '../support/words.ts';
import { closeBooks, consent, createClock, disclosed, disclosureBook, newSid, raw, switched } from './support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
  await ensureIndexes(store, layoutOf(wordsWith()));
});
beforeEach(async () => {
  for (const name of [PEOPLE, TOMBSTONES, PERSON_LEDGER, DISCLOSURE_BOOKS, AUDIT_BOOKS, BOOK_HEADS])
    await raw(store, name).deleteMany({});
});
afterEach(closeBooks);
afterAll(() => store.drop());

const ledger = () => raw(store, PERSON_LEDGER);
const books = () => raw(store, DISCLOSURE_BOOKS);
const faults = async () => (await verify(store)).faults.map(({ collection, entry, kind }) => [collection, entry, kind]);

const chain = (sid: string, length = 4) =>
  append(EMPTY_CHAIN, sid, [switched(true), ...Array.from({ length: length - 1 }, () => consent())]);

/** A person with a chain; its last entries still wait in the document. */
async function createPerson(sid = newSid(), { waiting = 1, length = 4 } = {}) {
  const { entries, head } = chain(sid, length);
  const settled = entries.slice(0, length - waiting);
  if (settled.length > 0) await ledger().insertMany(settled);
  await raw(store, PEOPLE).insertOne({
    _id: sid,
    publicId: sid,
    ledger: { head, outbox: entries.slice(length - waiting) },
  });
  return sid;
}

async function createErased(sid = newSid()) {
  const { entries, head } = chain(sid);
  await ledger().insertMany(entries);
  await raw(store, TOMBSTONES).insertOne({ _id: sid, head });
  return sid;
}

/** Two sealed books: the second quotes the first; numbers 1 to 3 of each hold entries. */
async function createBooks() {
  const clock = createClock();
  for (let i = 0; i < 2; i++) {
    const book = disclosureBook(store, { clock });
    for (let n = 1; n <= 3; n++) await book.record([disclosed(newSid()), disclosed(newSid())]);
    await book.close();
    clock.advance(1000);
  }
  const [first, second] = await raw(store, BOOK_HEADS).find().sort({ at: 1 }).toArray();
  return { first: first._id as string, second: second._id as string };
}

test('a sound world is found sound, and counted', async () => {
  await createPerson();
  await createPerson(newSid(), { waiting: 0 });
  await createPerson(newSid(), { waiting: 4 });
  await createErased();
  await createBooks();
  expect(await verify(store)).toEqual({
    checked: { people: 4, entries: 11, books: 2, documents: 10, disclosures: 12, audits: 0 },
    faults: [],
  });
});

test('nothing at all is sound', async () => {
  expect((await verify(store)).faults).toEqual([]);
});

test.each([
  {
    name: 'a flipped value',
    at: 2,
    kind: 'ALTERED',
    act: (_id: string) => ledger().updateOne({ _id }, { $set: { at: 'x' } }),
  },
  {
    name: 'a value that is no JSON',
    at: 2,
    kind: 'ALTERED',
    act: (_id: string) => ledger().updateOne({ _id }, { $set: { at: Number.NaN } }),
  },
  { name: 'a removed entry', at: 2, kind: 'MISSING', act: (_id: string) => ledger().deleteOne({ _id }) },
])("$name in a person's chain is $kind", async ({ at, kind, act }) => {
  await createPerson();
  const sid = await createPerson();
  await createPerson();
  await act(`${sid}:${at}`);
  expect(await faults()).toEqual([[PERSON_LEDGER, `${sid}:${at}`, kind]]);
});

test('two swapped entries are found at the first of them', async () => {
  const sid = await createPerson();
  await ledger().updateOne({ _id: `${sid}:1` }, { $set: { n: 9 } });
  await ledger().updateOne({ _id: `${sid}:2` }, { $set: { n: 1 } });
  await ledger().updateOne({ _id: `${sid}:1` }, { $set: { n: 2 } });
  expect(await faults()).toEqual([[PERSON_LEDGER, `${sid}:1`, 'MISPLACED']]);
});

test('a cut tail is found by the head in the document and by the tombstone', async () => {
  const person = await createPerson(newSid(), { waiting: 0 });
  const erased = await createErased();
  await ledger().deleteMany({ _id: { $in: [`${person}:3`, `${person}:4`, `${erased}:4`] } });
  expect((await faults()).sort()).toEqual(
    [
      [PERSON_LEDGER, `${person}:3`, 'CUT_OFF'],
      [PERSON_LEDGER, `${erased}:4`, 'CUT_OFF'],
    ].sort(),
  );
});

test('a chain without its person and tombstone is found', async () => {
  const sid = await createPerson();
  await raw(store, PEOPLE).deleteOne({ _id: sid });
  expect(await faults()).toEqual([[PERSON_LEDGER, `${sid}:1`, 'NO_HEAD']]);
});

test('a chain that was removed with its outbox is found by its head', async () => {
  const sid = await createPerson();
  await ledger().deleteMany({ sid });
  await raw(store, PEOPLE).updateOne({ _id: sid }, { $set: { 'ledger.outbox': [] } });
  expect(await faults()).toEqual([[PERSON_LEDGER, `${sid}:1`, 'CUT_OFF']]);
});

test('a head that was set back is found', async () => {
  const sid = newSid();
  const { entries } = chain(sid);
  await createPerson(sid, { waiting: 0 });
  const head = { n: 2, hash: entries[1]?.hash };
  await raw(store, PEOPLE).updateOne({ _id: sid }, { $set: { 'ledger.head': head } });
  expect(await faults()).toEqual([[PERSON_LEDGER, `${sid}:3`, 'NOT_ON_RECORD']]);
});

test('an altered entry is found in the outbox, also while the ledger has it already', async () => {
  const sid = await createPerson();
  await ledger().insertOne(chain(sid).entries[3]);
  await raw(store, PEOPLE).updateOne({ _id: sid }, { $set: { 'ledger.outbox.0.action': 'WITHDRAWN' } });
  expect(await faults()).toEqual([[PERSON_LEDGER, `${sid}:4`, 'ALTERED']]);
});

test('an outbox that tells another story than the ledger is found', async () => {
  const sid = newSid();
  const { entries } = chain(sid);
  await createPerson(sid);
  const other = append({ n: 3, hash: entries[2]?.hash ?? '' }, sid, [consent('WITHDRAWN')]).entries;
  await ledger().insertMany(other);
  expect(await faults()).toEqual([[PERSON_LEDGER, `${sid}:4`, 'FORKED']]);
});

test.each([{ sid: 5 }, { sid: null }, { sid: ['x'] }])('an entry of $sid is found, and hides no other', async ({
  sid,
}) => {
  const sound = await createPerson();
  await ledger().insertOne({ _id: 'stray', sid, n: 1 });
  await ledger().deleteOne({ _id: `${sound}:2` });
  expect((await faults()).sort()).toEqual(
    [
      [PERSON_LEDGER, 'stray', 'ALTERED'],
      [PERSON_LEDGER, `${sound}:2`, 'MISSING'],
    ].sort(),
  );
});

const altered = { 'entries.1.purpose': 'x' };
test.each([
  {
    name: 'an altered entry',
    n: 2,
    kind: 'ALTERED',
    act: (_id: object) => books().updateOne({ _id }, { $set: altered }),
  },
  {
    name: 'a removed entry',
    n: 2,
    kind: 'ALTERED',
    act: (_id: object) => books().updateOne({ _id }, { $pop: { entries: 1 } }),
  },
  {
    name: 'an added entry',
    n: 2,
    kind: 'ALTERED',
    act: (_id: object) => books().updateOne({ _id }, { $push: { entries: disclosed(newSid()) } } as never),
  },
  { name: 'a removed document', n: 2, kind: 'MISSING', act: (_id: object) => books().deleteOne({ _id }) },
  { name: 'a removed opening', n: 0, kind: 'MISSING', act: (_id: object) => books().deleteOne({ _id }) },
  { name: 'a removed end', n: 4, kind: 'CUT_OFF', act: (_id: object) => books().deleteOne({ _id }) },
])('$name of a book is $kind', async ({ n, kind, act }) => {
  const { first } = await createBooks();
  await act({ book: first, n });
  expect(await faults()).toEqual([[DISCLOSURE_BOOKS, `${first}.${n}`, kind]]);
});

test.each([
  { name: 'the published head', gone: BOOK_HEADS, kept: 'the quote' },
  { name: 'the quote', gone: DISCLOSURE_BOOKS, kept: 'the published head' },
])('a book that was cut together with $name is found by $kept', async ({ gone }) => {
  const { first, second } = await createBooks();
  await books().deleteMany({ '_id.book': first, '_id.n': { $gte: 3 } });
  await raw(store, gone).deleteMany(gone === BOOK_HEADS ? { _id: first } : { '_id.book': second });
  await raw(store, BOOK_HEADS).deleteOne({ _id: gone === BOOK_HEADS ? first : second });
  expect(await faults()).toContainEqual([
    DISCLOSURE_BOOKS,
    gone === BOOK_HEADS ? `${first}.0` : `${first}.3`,
    gone === BOOK_HEADS ? 'NO_HEAD' : 'CUT_OFF',
  ]);
});

test('a book that was removed whole is found', async () => {
  const { first } = await createBooks();
  await books().deleteMany({ '_id.book': first });
  await raw(store, BOOK_HEADS).deleteOne({ _id: first });
  expect(await faults()).toEqual([[DISCLOSURE_BOOKS, `${first}.0`, 'CUT_OFF']]);
});

test('a book that was rewritten from one document on is found by its heads', async () => {
  const { first } = await createBooks();
  const documents = await books().find({ '_id.book': first }).sort({ _id: 1 }).toArray();
  let prev = documents[1].hash;
  for (const { _id, hash: _hash, prev: _prev, ...body } of documents.slice(2)) {
    const forged = seal({ _id, ...body, at: '2026-03-01T12:00:01.000Z' }, prev);
    await books().replaceOne({ _id }, forged);
    prev = forged.hash;
  }
  expect(await faults()).toEqual([[DISCLOSURE_BOOKS, `${first}.4`, 'FORKED']]);
});

test('two swapped documents of a book are found at the first of them', async () => {
  const { first } = await createBooks();
  const [two, three] = await books()
    .find({ '_id.book': first, '_id.n': { $in: [2, 3] } })
    .sort({ _id: 1 })
    .toArray();
  await books().replaceOne({ _id: two._id }, { ...three, _id: two._id });
  await books().replaceOne({ _id: three._id }, { ...two, _id: three._id });
  expect(await faults()).toEqual([[DISCLOSURE_BOOKS, `${first}.2`, 'MISPLACED']]);
});

test('a document after the end of a book is found', async () => {
  const { first } = await createBooks();
  const end = await books().findOne({ _id: { book: first, n: 4 } });
  const more = seal({ _id: { book: first, n: 5 }, at: end.at, type: 'ENTRIES', entries: [] }, end.hash);
  await books().insertOne(more);
  expect(await faults()).toEqual([[DISCLOSURE_BOOKS, `${first}.5`, 'AFTER_SEAL']]);
});

test('a book that is longer than its published head is sound', async () => {
  const book = disclosureBook(store, { limits: { publishMs: 60_000 } });
  for (let n = 1; n <= 3; n++) await book.record([disclosed(newSid())]);
  expect(await raw(store, BOOK_HEADS).find().toArray()).toMatchObject([{ n: 0 }]);
  expect(await faults()).toEqual([]);
});

test('any one mutation anywhere is found in the chain that it is of', async () => {
  const mutations = {
    remove: async (name: string, { _id }: { _id: unknown }) => raw(store, name).deleteOne({ _id }),
    alter: async (name: string, { _id }: { _id: unknown }) =>
      raw(store, name).updateOne({ _id }, { $set: { at: 'x' } }),
    rehash: async (name: string, { _id }: { _id: unknown }) =>
      raw(store, name).updateOne({ _id }, { $set: { hash: '0'.repeat(64) } }),
    relink: async (name: string, { _id }: { _id: unknown }) =>
      raw(store, name).updateOne({ _id }, { $set: { prev: '1'.repeat(64) } }),
  };
  const place = fc.record({
    name: fc.constantFrom(PERSON_LEDGER, DISCLOSURE_BOOKS),
    mutation: fc.constantFrom(...(Object.keys(mutations) as (keyof typeof mutations)[])),
    where: fc.nat(),
  });
  await Promise.all([createPerson(), createPerson(), createErased()]);
  await createBooks();
  expect(await faults()).toEqual([]);
  await fc.assert(
    fc.asyncProperty(place, async ({ name, mutation, where }) => {
      const documents = await raw(store, name).find().sort({ _id: 1 }).toArray();
      const document = documents[where % documents.length];
      await mutations[mutation](name, document);
      const found = await faults();
      await raw(store, name).replaceOne({ _id: document._id }, document, { upsert: true });
      const entry = document.sid ? document._id : `${document._id.book}.${document._id.n}`;
      expect(found.map(([collection, at]) => [collection, at])).toEqual([[name, entry]]);
    }),
    { numRuns: 40 },
  );
  expect(await faults()).toEqual([]);
});

test('checking while people act and books are written finds nothing', async () => {
  const sid = newSid();
  const book = disclosureBook(store, { limits: { publishMs: 1 } });
  await createPerson(sid, { waiting: 0 });
  let { head } = chain(sid);
  let going = true;
  const setPerson = (change: object) => raw(store, PEOPLE).updateOne({ _id: sid }, change as never);
  const act = async () => {
    while (going) {
      const next = append(head, sid, [consent()]);
      head = next.head;
      await setPerson({ $set: { 'ledger.head': head }, $push: { 'ledger.outbox': next.entries[0] } });
      await ledger().insertMany(next.entries);
      await setPerson({ $pull: { 'ledger.outbox': { n: { $lte: head.n } } } });
      await book.record([disclosed(sid)]);
    }
  };
  const acting = act();
  const found = [];
  for (let i = 0; i < 20; i++) found.push(...(await faults()));
  going = false;
  await acting;
  expect(found).toEqual([]);
  expect(head.n).toBeGreaterThan(10);
});

test('progress is told', async () => {
  const sid = newSid();
  await createPerson(sid, { waiting: 0, length: 10_001 });
  const told: number[] = [];
  await verify(store, ({ entries }) => told.push(entries));
  expect(told).toEqual([10_000]);
});
