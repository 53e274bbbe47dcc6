import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellKindsOfProcesses } from '../../src/migrations/kinds-of-processes.ts';
import { createClock } from '../support/clock.ts';
import { openTestStore, quiet, type TestStore } from '../support/store.ts';
import { KEYS } from '../support/world.ts';

let store: TestStore;
const collection = (name: string) =>
  store.connection.getClient().db(store.connection.name).collection<{ _id: string; [key: string]: unknown }>(name);

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.drop());

test('processes among the facts of a person tell their kind, once', async () => {
  await collection('legal_processes').insertMany([
    { _id: 'p1', sid: 's1', kind: 'COURT_ORDER' },
    { _id: 'p2', sid: 's1', kind: 'SUBPOENA' },
    { _id: 'ended', sid: 's1', kind: 'STATUTE' },
    { _id: 'of-nobody', sid: null, kind: 'STATUTE' },
  ]);
  const told = { id: 'stated', kind: 'STATUTE' };
  await collection('people').insertOne({ _id: 's1', facts: { legalProcesses: [told, { id: 'p2' }, { id: 'p1' }] } });
  const run = () =>
    tellKindsOfProcesses.run({ store, ...KEYS, clock: createClock('2026-12-01T09:00:00.000Z'), log: quiet });
  expect([await run(), await run()]).toEqual([2, 0]);
  expect(await collection('people').findOne({ _id: 's1' })).toEqual({
    _id: 's1',
    facts: {
      legalProcesses: [told, { id: 'p2', kind: 'SUBPOENA' }, { id: 'p1', kind: 'COURT_ORDER' }],
    },
  });
});
