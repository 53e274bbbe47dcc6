import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { entryId } from '../../src/ledger/entry.ts';
import { createPersonLedger } from '../../src/ledger/person-chain.ts';
import type { Log } from '../../src/store/log.ts';
import { createChanges } from '../../src/subject/change.ts';
import { type PersonDocument, personModel } from '../../src/subject/model.ts';
import { noteCommands } from '../support/commands.ts';
import { quiet } from '../support/store.ts';
import { createWorld, type TestWorld } from '../support/world.ts';

const IDS = Array.from({ length: 12 }, (_, n) => `p${n}`);

let world: TestWorld;
let sids: PersonDocument['_id'][];
beforeAll(async () => {
  world = await createWorld({ users: IDS.map((id) => ({ id, avatarName: id })) });
});
afterAll(() => world.close());

const people = () => personModel(world.store.connection);
const ledger = () => world.store.connection.getClient().db(world.store.connection.name).collection('person_ledger');
beforeEach(async () => {
  sids = (await people().find().sort('publicId').lean()).map(({ _id }) => _id);
});

const warnings: unknown[] = [];
const log = { ...quiet, warn: (about: object) => void warnings.push(about) } as unknown as Log;
const create = () =>
  createChanges({ store: world.store, ledger: createPersonLedger(world.store), clock: systemClock, log });
const begin = (changes: ReturnType<typeof create>, sid: PersonDocument['_id']) =>
  changes.apply(sid, (_, at) => ({
    entries: [{ type: 'PREFERENCES', at: at.toISOString(), changes: { friendAdded: false }, source: 'PERSON' }],
  }));
const waiting = async () =>
  (
    await people()
      .find({ 'ledger.outbox.n': { $gt: 0 } })
      .lean()
  ).map(({ _id }) => _id as string);

test('the entries of many who change at once go to the ledger in few writes, each once', async () => {
  const changes = create();
  const before = await ledger().countDocuments();
  const { sent, stop } = noteCommands(world.store);
  await Promise.all(sids.map((sid) => begin(changes, sid)));
  await changes.idle();
  stop();
  const writes = sent.filter((command) => command === 'insert person_ledger' || command === 'update people');
  expect(writes.length).toBeLessThan(sids.length);
  expect(await ledger().countDocuments()).toBe(before + sids.length);
  expect(await waiting()).toEqual([]);
});

test('somebody whose place in the ledger holds another entry keeps theirs waiting, and nobody else’s', async () => {
  const changes = create();
  const [victim] = sids as [PersonDocument['_id']];
  const { n } = (await people().findById(victim).lean())?.ledger.head ?? { n: Number.NaN };
  const other = { _id: entryId(victim, n + 1) as never, sid: victim, n: n + 1, hash: 'another' };
  await ledger().insertOne(other);
  warnings.length = 0;
  await Promise.all(sids.map((sid) => begin(changes, sid)));
  await changes.idle();
  expect(await waiting()).toEqual([victim]);
  expect(warnings).toEqual([{ code: 'LedgerConflictError' }]);
  await ledger().deleteOne(other);
});

test('what was left waiting is moved by whoever begins next', async () => {
  const changes = create();
  expect(await waiting()).toHaveLength(1);
  await changes.settleLeftovers();
  expect(await waiting()).toEqual([]);
});
