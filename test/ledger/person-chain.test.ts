import { afterAll, beforeAll, expect, test } from 'vitest';
import { layoutOf } from '../../src/gateway/layout.ts';
import { append, EMPTY_CHAIN, seal } from '../../src/ledger/chain/entry.ts';
import {
  createPersonLedger,
  LedgerConflictError,
  mergeOutbox,
  type PersonEntryBody,
  type PersonLedger,
} from '../../src/ledger/chain/person-chain.ts';
import { ensureIndexes } from '../../src/store/mongo/collection-layout.ts';
import { PERSON_LEDGER } from '../../src/store/mongo/collections.ts';
import { commandsDuring } from '../support/commands.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { wordsWith } from '../support/words.ts';
import { consent, newSid, raw, switched } from './support.ts';

let store: TestStore;
let ledger: PersonLedger;

beforeAll(async () => {
  store = await openTestStore();
  ledger = createPersonLedger(store);
  await ensureIndexes(store, layoutOf(wordsWith()));
});
afterAll(() => store.drop());

const chainOf = (...bodies: PersonEntryBody[]) => {
  const sid = newSid();
  return { sid, ...append(EMPTY_CHAIN, sid, bodies) };
};

test('entries are settled once, however often it is tried', async () => {
  const { sid, entries } = chainOf(consent(), switched(false));
  await ledger.settle(entries.slice(0, 1));
  await Promise.all([ledger.settle(entries), ledger.settle(entries)]);
  await ledger.settle([]);
  expect((await ledger.find([sid])).get(sid)).toEqual([...entries].reverse());
});

test('a settled entry is on disk when it is acknowledged', async () => {
  const commands = await commandsDuring(store, () => ledger.settle(chainOf(consent()).entries));
  expect(commands).toMatchObject([{ name: 'insert', command: { writeConcern: { w: 1, j: true } } }]);
});

test('another entry in the same place is an error, and stays', async () => {
  const { sid, entries } = chainOf(consent('GIVEN'));
  const other = append(EMPTY_CHAIN, sid, [consent('WITHDRAWN')]).entries;
  await ledger.settle(entries);
  await expect(ledger.settle(other)).rejects.toThrow(LedgerConflictError);
  expect((await ledger.find([sid])).get(sid)).toEqual(entries);
});

test('an entry of another id can not take the same number', async () => {
  const { sid, entries } = chainOf(consent());
  await ledger.settle(entries);
  const stranger = seal({ ...consent(), _id: `${sid}:x`, sid, n: 1 }, '');
  await expect(ledger.settle([stranger])).rejects.toThrow(LedgerConflictError);
});

test('the ledgers of many people are found with one command, each newest first', async () => {
  const chains = [chainOf(consent(), switched(true), switched(false)), chainOf(switched(true)), chainOf()];
  await ledger.settle(chains.flatMap(({ entries }) => entries));
  const sids = chains.map(({ sid }) => sid);
  let found = new Map();
  const commands = await commandsDuring(store, async () => {
    found = await ledger.find(sids);
  });
  expect(commands.map(({ name }) => name)).toEqual(['find']);
  const { filter = {}, sort = {} } = commands[0]?.command as { filter?: object; sort?: object };
  const plan = await raw(store, PERSON_LEDGER)
    .find(filter)
    .sort({ ...sort })
    .explain('queryPlanner');
  expect(JSON.stringify(plan)).toContain('"IXSCAN"');
  expect(JSON.stringify(plan)).not.toMatch(/"(COLLSCAN|SORT)"/);
  expect(found).toEqual(new Map(chains.slice(0, 2).map(({ sid, entries }) => [sid, [...entries].reverse()])));
});

test.each([
  { name: 'of one type', selection: { types: ['CONSENT' as const] }, numbers: [3, 1] },
  { name: 'the newest', selection: { limitPerPerson: 2 }, numbers: [4, 3] },
  { name: 'the newest of one type', selection: { types: ['PREFERENCES' as const], limitPerPerson: 1 }, numbers: [4] },
  { name: 'the next page', selection: { before: 3, limitPerPerson: 1 }, numbers: [2] },
])('$name: from the ledger as from the outbox', async ({ selection, numbers }) => {
  const { sid, entries } = chainOf(consent(), switched(true), consent('WITHDRAWN'), switched(false));
  for (const settled of [0, 1, 2, 3, 4]) {
    await ledger.settle(entries.slice(0, settled));
    const found = (await ledger.find([sid], selection)).get(sid) ?? [];
    const merged = mergeOutbox(found, entries.slice(Math.max(0, settled - 1)), selection);
    expect(merged.map(({ n }) => n)).toEqual(numbers);
  }
});

test('one entry is found by its number', async () => {
  const { sid, entries } = chainOf(consent(), switched(true));
  await ledger.settle(entries);
  expect(await ledger.findEntry(sid, 2)).toEqual(entries[1]);
  expect(await ledger.findEntry(sid, 3)).toBeNull();
});

test.each([0, 1, 2, 3, 4])('the latest act on a consent is found with %i entries settled', async (settled) => {
  const { sid, entries } = chainOf(
    consent('GIVEN'),
    consent('WITHDRAWN'),
    { ...consent('GIVEN'), purpose: 'euTransfer' } as PersonEntryBody,
    switched(true),
  );
  await ledger.settle(entries.slice(0, settled));
  const person = { _id: sid, ledger: { outbox: entries.slice(settled) } };
  expect(await ledger.findLatest(person, 'CONSENT', 'targetedOffers')).toEqual(entries[1]);
  expect(await ledger.findLatest(person, 'CONSENT')).toEqual(entries[2]);
  expect(await ledger.findLatest(person, 'PREFERENCES')).toEqual(entries[3]);
  expect(await ledger.findLatest(person, 'ACCEPTANCE')).toBeNull();
});

test('the ledger is read by its index', async () => {
  const plan = await raw(store, 'person_ledger').find({ sid: newSid() }).sort({ n: -1 }).explain('queryPlanner');
  expect(JSON.stringify(plan)).toContain('"IXSCAN"');
  expect(JSON.stringify(plan)).not.toContain('"SORT"');
});
