import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { layoutOf } from '../../src/gateway/layout.ts';
import {
  createDisclosureView,
  type Disclosure,
  type DisclosureEntry,
  parseDisclosureId,
} from '../../src/ledger/disclosure/disclosure.ts';
import { ensureIndexes } from '../../src/store/mongo/collection-layout.ts';
import { DISCLOSURE_BOOKS } from '../../src/store/mongo/collections.ts';
import { commandsDuring } from '../support/commands.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { wordsWith } from '../support/words.ts';
import { closeBooks, createClock, disclosed, disclosureBook, newSid, raw } from './support.ts';

let store: TestStore;
let view: ReturnType<typeof createDisclosureView>;

beforeAll(async () => {
  store = await openTestStore();
  await ensureIndexes(store, layoutOf(wordsWith()));
  view = createDisclosureView(store);
});
afterEach(closeBooks);
afterAll(() => store.drop());

const now = new Date('2026-04-01T00:00:00.000Z');
const tokens = (disclosures: readonly Disclosure[] | undefined) => disclosures?.map(({ tokenId }) => tokenId);
const all = async (sid: string) => (await view.find([sid], { limitPerPerson: 100, now })).get(sid) ?? [];

/** Two processes with several disclosures of several people, some in one response, some at the same instant. */
async function recordSome(sids: readonly string[], more: Partial<DisclosureEntry> = {}) {
  const clock = createClock();
  const books = [disclosureBook(store, { clock }), disclosureBook(store, { clock })];
  for (let round = 0; round < 4; round++) {
    await Promise.all(
      books.map((book, i) =>
        book.record([...sids, ...sids].map((sid) => disclosed(sid, { tokenId: `${round}-${i}`, ...more }))),
      ),
    );
    if (round % 2) clock.advance(1000);
  }
}

test('a person sees a disclosure as soon as it is recorded, with a stable id', async () => {
  const sid = newSid();
  const book = disclosureBook(store);
  await book.record([disclosed(newSid()), disclosed(sid)]);
  const [seen, ...others] = await all(sid);
  expect(others).toEqual([]);
  const { sids: _everybody, ...entry } = disclosed(sid);
  expect(seen).toEqual({ ...entry, sid, id: seen?.id, position: seen?.position, hash: seen?.hash });
  expect(seen?.id).toMatch(/^[0-9a-f]{32}\.1\.1\.0$/);
  await book.record([disclosed(sid)]);
  expect((await all(sid))[1]).toEqual(seen);
});

test('disclosures of many books are newest first, and of nobody else', async () => {
  const [sid, other] = [newSid(), newSid()];
  await recordSome([sid, other]);
  const seen = await all(sid);
  expect(seen.map((disclosure) => disclosure.sid)).toEqual(Array(16).fill(sid));
  const order = seen.map(({ position: { at, book, n, i } }) => `${at} ${book} ${n} ${String(i).padStart(3, '0')}`);
  expect(order).toEqual([...order].sort().reverse());
  expect(new Set(seen.map(({ id }) => id)).size).toBe(16);
});

test('one command finds the disclosures of people shown together, up to the limit for each', async () => {
  const sids = [newSid(), newSid(), newSid()];
  await recordSome(sids);
  let found = new Map<string, Disclosure[]>();
  const commands = await commandsDuring(store, async () => {
    found = await view.find([...sids, newSid(), sids[0] ?? ''], { limitPerPerson: 5, now });
  });
  expect(commands.map(({ name }) => name)).toEqual(['find']);
  expect([...found.keys()].sort()).toEqual([...sids].sort());
  for (const sid of sids) expect(found.get(sid)).toEqual((await all(sid)).slice(0, 5));
});

test('a second command finds the disclosures of a person shown long before the others', async () => {
  const [often, seldom, never] = [newSid(), newSid(), newSid()];
  const book = disclosureBook(store);
  for (let i = 0; i < 50; i++) await book.record([disclosed(i === 3 || i === 40 ? seldom : often)]);
  let found = new Map<string, Disclosure[]>();
  const commands = await commandsDuring(store, async () => {
    found = await view.find([often, seldom, never], { limitPerPerson: 3, now });
  });
  // heads of books are published once a second, beside all other commands
  const reads = commands.filter(({ name }) => name !== 'update');
  expect(reads.map(({ name }) => name)).toEqual(['find', 'aggregate']);
  expect(found).toEqual(new Map([often, seldom].map((sid) => [sid, found.get(sid)])));
  expect(found.get(often)).toEqual((await all(often)).slice(0, 3));
  expect(found.get(seldom)).toEqual(await all(seldom));
  expect(found.get(seldom)).toHaveLength(2);
});

test('each person has the same disclosures in any group as alone', { timeout: 60_000 }, async () => {
  const people = Array.from({ length: 6 }, newSid);
  const person = fc.nat({ max: people.length - 1 });
  const shown = fc.record({ of: fc.uniqueArray(person, { minLength: 1 }), hidden: fc.boolean() });
  const responses = fc.array(fc.array(shown, { minLength: 1, maxLength: 3 }), { minLength: 30, maxLength: 70 });
  const given = fc.record({
    responses,
    asked: fc.uniqueArray(person, { minLength: 2 }),
    limit: fc.integer({ min: 1, max: 60 }),
  });
  const test = async ({
    responses,
    asked,
    limit,
  }: {
    responses: { of: number[]; hidden: boolean }[][];
    asked: number[];
    limit: number;
  }) => {
    const book = disclosureBook(store);
    for (const response of responses)
      await book.record(
        response.map(({ of, hidden }) => ({
          ...disclosed('', hidden ? { visibleFrom: '2027-01-01T00:00:00.000Z' } : {}),
          sids: of.map((index) => people[index] as string),
        })),
      );
    const sids = asked.map((index) => people[index] as string);
    const together = await view.find(sids, { limitPerPerson: limit, now });
    for (const sid of sids) {
      const alone = await view.find([sid], { limitPerPerson: limit, now });
      expect(together.get(sid)).toEqual(alone.get(sid));
    }
  };
  await fc.assert(fc.asyncProperty(given, test), { numRuns: 12 });
});

test('a limit of zero finds nothing', async () => {
  const sids = [newSid(), newSid()];
  await recordSome(sids);
  expect(await view.find(sids, { limitPerPerson: 0, now })).toEqual(new Map());
  expect(await view.find(sids.slice(0, 1), { limitPerPerson: 0, now })).toEqual(new Map());
});

test('no people need no command', async () => {
  expect(await view.find([], { limitPerPerson: 5, now })).toEqual(new Map());
});

test.each([1, 2, 3, 7, 16])('pages of %i put together are the whole', async (limitPerPerson) => {
  const sid = newSid();
  await recordSome([sid]);
  const seen: Disclosure[] = [];
  for (;;) {
    const last = seen.at(-1);
    const before = last?.position;
    const page = await view.find([sid], { limitPerPerson, now, ...(before && { before }) });
    seen.push(...(page.get(sid) ?? []));
    if (!page.has(sid)) break;
  }
  expect(seen).toEqual(await all(sid));
});

test('a disclosure deferred by a legal process is seen from its day on, and hides nothing else', async () => {
  const sid = newSid();
  const deferred = { visibleFrom: '2026-04-02T00:00:00.000Z', recipientKind: 'AUTHORITY', legalProcess: 'p1' } as const;
  const book = disclosureBook(store);
  await book.record([disclosed(sid, { tokenId: 'open' })]);
  await book.record([disclosed(sid, { ...deferred, tokenId: 'deferred' })]);
  await book.record([disclosed(sid, { ...deferred, tokenId: 'deferred' }), disclosed(newSid())]);
  const seenAt = async (time: string) =>
    tokens((await view.find([sid], { limitPerPerson: 2, now: new Date(time) })).get(sid));
  expect(await seenAt('2026-04-01T23:59:59.999Z')).toEqual(['open']);
  expect(await seenAt('2026-04-02T00:00:00.000Z')).toEqual(['deferred', 'deferred']);
});

test('a person finds one disclosure of theirs by its id, once they may see it', async () => {
  const sid = newSid();
  const book = disclosureBook(store);
  await book.record([disclosed(sid), disclosed(sid, { visibleFrom: '2027-01-01T00:00:00.000Z' })]);
  const [shown] = await all(sid);
  const id = shown?.id ?? '';
  expect(await view.findOne(sid, id, now)).toEqual(shown);
  expect(await view.findOne(newSid(), id, now)).toBeNull();
  const deferred = id.replace(/0\.0$/, '1.0');
  expect(await view.findOne(sid, deferred, now)).toBeNull();
  expect(await view.findOne(sid, deferred, new Date('2027-01-01T00:00:00.000Z'))).not.toBeNull();
  for (const elsewhere of [id.replace(/1\.0\.0$/, '0.0.0'), id.replace(/0\.0$/, '7.0'), id.replace(/0$/, '7')])
    expect(await view.findOne(sid, elsewhere, now)).toBeNull();
});

test('people with the same disclosure share an entry, and each sees their own part of it, by an id of its own', async () => {
  const sids = [newSid(), newSid(), newSid()];
  const book = disclosureBook(store);
  await book.record([{ ...disclosed(''), sids }]);
  const found = await view.find(sids, { limitPerPerson: 5, now });
  for (const [place, sid] of sids.entries()) {
    const [share, ...others] = found.get(sid) ?? [];
    expect(others).toEqual([]);
    expect(share).toMatchObject({ sid, recipient: 'offers-inc' });
    expect(share).not.toHaveProperty('sids');
    expect(share?.id).toMatch(new RegExp(`\\.1\\.0\\.${place}$`));
    expect(await view.findOne(sid, share?.id ?? '', now)).toEqual(share);
  }
});

test.each([
  '',
  'x',
  '1.2',
  `${'a'.repeat(32)}.1.1`,
  `${'a'.repeat(32)}.1.1.-1`,
  `${'a'.repeat(32)}.1.1.1.1`,
  `${'A'.repeat(32)}.1.1.1`,
])('%j is no id of a disclosure', async (id) => {
  expect(parseDisclosureId(id)).toBeNull();
  expect(await view.findOne(newSid(), id, now)).toBeNull();
});

test('the view is read by its index, in its order, and not further than a page needs', async () => {
  const sid = newSid();
  const book = disclosureBook(store);
  for (let i = 0; i < 60; i++) await book.record([disclosed(sid)]);
  const commands = await commandsDuring(store, () => view.find([sid], { limitPerPerson: 2, now }));
  const pipeline = commands[0]?.command.pipeline as object[];
  const plan = JSON.stringify(await raw(store, DISCLOSURE_BOOKS).aggregate(pipeline).explain('executionStats'));
  expect(plan).toContain('"IXSCAN"');
  expect(plan).not.toMatch(/"(COLLSCAN|SORT)"/);
  // the engine reads ahead, but not to the end
  expect(Number(/"totalDocsExamined":(\d+)/.exec(plan)?.[1])).toBeLessThan(50);
});

test('so is the view of several people', async () => {
  const sids = [newSid(), newSid(), newSid()];
  const book = disclosureBook(store);
  for (let i = 0; i < 60; i++) await book.record([{ ...disclosed(''), sids: [...sids, newSid()] }]);
  const commands = await commandsDuring(store, () => view.find(sids, { limitPerPerson: 2, now }));
  const {
    filter = {},
    sort = {},
    limit = 0,
  } = commands[0]?.command as { filter?: object; sort?: object; limit?: number };
  const cursor = raw(store, DISCLOSURE_BOOKS)
    .find(filter)
    .sort({ ...sort })
    .limit(limit);
  const plan = JSON.stringify(await cursor.explain('executionStats'));
  expect(plan).toContain('"IXSCAN"');
  expect(plan).not.toMatch(/"(COLLSCAN|SORT)"/);
  expect(Number(/"totalDocsExamined":(\d+)/.exec(plan)?.[1])).toBeLessThan(60);
});
