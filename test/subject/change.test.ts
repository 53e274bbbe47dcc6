import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { ApiError } from '../../src/base/errors.ts';
import type { Log } from '../../src/base/log.ts';
import { entryId } from '../../src/ledger/chain/entry.ts';
import { createPersonLedger, LedgerConflictError } from '../../src/ledger/chain/person-chain.ts';
import { createChanges } from '../../src/subject/change.ts';
import type { SubjectId } from '../../src/subject/identifiers.ts';
import { consent } from '../ledger/support.ts';
import { noteCommands } from '../support/commands.ts';
import { documentsIn } from '../support/people.ts';
import { quiet } from '../support/store.ts';
import { createWorld, type TestWorld } from '../support/world.ts';

const IDS = Array.from({ length: 12 }, (_, n) => `p${n}`);

const { MongoNetworkError } = mongoose.mongo;

let world: TestWorld;
let sids: SubjectId[];
beforeAll(async () => {
  world = await createWorld({ users: IDS.map((id) => ({ id, avatarName: id })) });
  sids = (await people().find().toArray()).map(({ _id }) => _id);
});
afterAll(() => world.close());

const people = () => documentsIn(world.store);
const ledger = () => world.store.connection.getClient().db(world.store.connection.name).collection('person_ledger');

const warnings: unknown[] = [];
const log = { ...quiet, warn: (about: object) => void warnings.push(about) } as unknown as Log;

/** Changes as a gateway makes them, over a ledger that may break off after each of its writes. */
function create() {
  const real = createPersonLedger(world.store);
  const state = { breaks: false };
  const settle: typeof real.settle = async (entries) => {
    await real.settle(entries);
    if (state.breaks) throw new MongoNetworkError('the connection is lost');
  };
  const changes = createChanges({ store: world.store, ledger: { ...real, settle }, clock: systemClock, log });
  const begin = (sid: SubjectId) =>
    changes.apply(sid, (_, at) => ({
      entries: [{ type: 'PREFERENCES', at: at.toISOString(), changes: { friendAdded: false }, source: 'PERSON' }],
    }));
  return Object.assign(state, { changes, begin });
}

const waiting = async () =>
  (
    await people()
      .find({ 'ledger.outbox.n': { $gt: 0 } } as object)
      .toArray()
  ).map(({ _id }) => _id);

test('the entries of many changes at once go to the ledger in few writes, each once', async () => {
  const { changes, begin } = create();
  const before = await ledger().countDocuments();
  const { sent, stop } = noteCommands(world.store);
  await Promise.all([...sids, ...sids].map(begin));
  await changes.idle();
  stop();
  const writes = sent.filter((command) => command === 'insert person_ledger' || command === 'update people');
  expect(writes.length).toBeLessThan(2 * sids.length);
  expect(await ledger().countDocuments()).toBe(before + 2 * sids.length);
  expect(await waiting()).toEqual([]);
});

test('an entry that a lost connection left in a document is moved with the next change', async () => {
  const before = await ledger().countDocuments();
  const broken = create();
  broken.breaks = true;
  warnings.length = 0;
  await Promise.all(sids.map(broken.begin));
  await broken.changes.idle();
  expect(await waiting()).toHaveLength(sids.length);
  expect(warnings).toEqual(sids.map(() => ({ code: 'MongoNetworkError' })));

  const { changes, begin } = create();
  await Promise.all(sids.map(begin));
  await changes.idle();
  expect(await waiting()).toEqual([]);
  expect(await ledger().countDocuments()).toBe(before + 2 * sids.length);
});

describe('while somebody’s place in the ledger holds another entry', () => {
  const fresh = async () => {
    const [victim] = sids as [SubjectId];
    const { n } = (await people().findOne({ _id: victim }))?.ledger.head ?? { n: Number.NaN };
    const other = { _id: entryId(victim, n + 1) as never, sid: victim, n: n + 1, hash: 'another' };
    await ledger().insertOne(other);
    return { victim, restore: () => ledger().deleteOne(other) };
  };

  test('that person’s entries wait, and nobody else’s', async () => {
    const { victim, restore } = await fresh();
    const { changes, begin } = create();
    warnings.length = 0;
    await Promise.all(sids.map(begin));
    await changes.idle();
    expect(await waiting()).toEqual([victim]);
    expect(warnings).toEqual([{ code: 'LedgerConflictError' }]);
    await restore();
    await changes.settleLeftovers();
    expect(await waiting()).toEqual([]);
  });

  test('the entries that a crash left behind are moved for everybody else', async () => {
    const { victim, restore } = await fresh();
    const broken = create();
    broken.breaks = true;
    await Promise.all(sids.map(broken.begin));
    await broken.changes.idle();
    const { changes } = create();
    await expect(changes.settleLeftovers()).rejects.toThrow(LedgerConflictError);
    expect(await waiting()).toEqual([victim]);
    await restore();
    await changes.settleLeftovers();
    expect(await waiting()).toEqual([]);
  });
});

describe('while the ledger is out of reach and 32 entries wait', () => {
  const refused = () => new ApiError('UNAVAILABLE', '').extensions;

  test('a withdrawal is taken, a consent is not, and all entries go to the ledger once it is there again', async () => {
    const [, sid] = sids as [SubjectId, SubjectId];
    const away = create();
    away.breaks = true;
    const act = (action: 'GIVEN' | 'WITHDRAWN') =>
      away.changes.apply(sid, (_, at) => ({ entries: [consent(action, at.toISOString())] }));
    for (let n = 0; n < 32; n++) await act('GIVEN');
    await expect(act('GIVEN')).rejects.toMatchObject({ extensions: refused() });
    expect((await act('WITHDRAWN'))?.document.ledger.outbox).toHaveLength(33);
    await expect(act('GIVEN')).rejects.toMatchObject({ extensions: refused() });
    await away.changes.idle();
    const { changes } = create();
    await changes.settleLeftovers();
    expect(await waiting()).toEqual([]);
  });
});

test('an unknown fact of a person stays unchanged', async () => {
  const [sid] = sids as [SubjectId];
  const { changes } = create();
  const before = (await people().findOne({ _id: sid as string }))?.facts;
  await changes.apply(sid, () => ({ set: { 'facts.standingOptOut': undefined }, entries: [] }));
  expect((await people().findOne({ _id: sid as string }))?.facts).toEqual(before);
});
