import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PersonEntry } from '../../src/ledger/chain/person-chain.ts';
import { isHearsay, setGuardiansApart } from '../../src/migrations/guardian-cases.ts';
import { migrate } from '../../src/migrations/migrate.ts';
import { nameSeals, sealFrom } from '../../src/migrations/seals.ts';
import { createClock } from '../support/clock.ts';
import { quiet, type TestStore } from '../support/store.ts';
import { createWorld, KEYS, member, staff, type TestWorld } from '../support/world.ts';
import { openWritten } from './support.ts';

const clock = createClock('2026-11-22T09:00:00.000Z');
const toolsFor = (store: TestStore) => ({ store, ...KEYS, clock, log: quiet });
const act = (entry: object) => entry as PersonEntry;

describe('a case of an earlier form', () => {
  const OF_GUARDIAN = [act({ type: 'PRIVACY_CASE', case: 'c', from: 'GUARDIAN', status: 'OPEN' })];
  const OF_PERSON = [act({ type: 'PRIVACY_CASE', case: 'c', from: 'PERSON', status: 'OPEN' })];
  test.each([
    { name: 'a guardian’s by the record', of: { from: 'GUARDIAN' }, acts: [], hearsay: true },
    { name: 'a guardian’s by the ledger alone', of: {}, acts: OF_GUARDIAN, hearsay: true },
    { name: 'a person’s own by the ledger', of: {}, acts: OF_PERSON, hearsay: false },
    { name: 'of a world file, without a ledger entry', of: {}, acts: [], hearsay: false },
    { name: 'of the present form', of: { from: 'SUBJECT' }, acts: [], hearsay: false },
    { name: 'a verified guardian’s', of: { from: 'GUARDIAN', verified: true }, acts: OF_GUARDIAN, hearsay: false },
  ])('$name stands apart: $hearsay', ({ of, acts, hearsay }) => {
    expect(isHearsay({ id: 'c', status: 'OPEN', ...of }, acts)).toBe(hearsay);
  });
});

describe('the seal of an earlier form, by the ledger, newest first', () => {
  const sealed = (learnedBy: string) => act({ type: 'SEALING', learnedBy });
  const accepted = act({ type: 'ACCEPTANCE' });
  const refused = act({ type: 'REFUSAL' });
  test.each([
    { name: 'that of a world file has no known origin', acts: [accepted], seal: null },
    {
      name: 'one of the person’s own word is theirs to lift',
      acts: [sealed('CORRECTION'), accepted],
      seal: { by: 'CORRECTION', was: 'ACTIVE', isTheirsToLift: true },
    },
    {
      name: 'one of staff is not',
      acts: [sealed('STAFF'), accepted],
      seal: { by: 'STAFF', was: 'ACTIVE', isTheirsToLift: false },
    },
    {
      name: 'a refusal stays, even beside acceptances before and after it',
      acts: [accepted, sealed('CORRECTION'), refused, accepted],
      seal: { by: 'CORRECTION', was: 'REFUSED', isTheirsToLift: true },
    },
    {
      name: 'the second of a person’s own word is staff’s to lift',
      acts: [sealed('CORRECTION'), sealed('CORRECTION'), accepted],
      seal: { by: 'CORRECTION', was: 'ACTIVE', isTheirsToLift: false },
    },
  ])('$name', ({ acts, seal }) => expect(sealFrom(acts)).toEqual(seal));
});

describe('cases and seals of a database that the version before wrote', () => {
  let world: TestWorld;
  let store: TestStore;
  const officer = staff('privacy', 'privacy-request');
  const database = () => store.connection.getClient().db(store.connection.name);
  const people = () => database().collection<{ _id: string }>('people');
  const ask = async (caller: Parameters<TestWorld['ask']>[0], query: string, variables = {}) => {
    const { data, errors } = await world.ask(caller, query, variables);
    expect(errors).toEqual([]);
    return data;
  };

  beforeAll(async () => {
    store = await openWritten();
    // as the version before sealed a person with a refusal and a later correction of the birth date
    const rex = await people().findOne({ publicId: 'rex' } as never);
    const sealed = { 'facts.status': 'SEALED', deletionDueAt: new Date('2026-12-10T00:00:00.000Z') };
    const of = { sid: rex?._id, at: '2026-11-20T10:00:00.000Z' };
    const outbox = [
      { ...of, n: 900, type: 'REFUSAL' },
      { ...of, n: 901, type: 'SEALING', learnedBy: 'CORRECTION' },
    ];
    await people().updateOne({ _id: rex?._id as string }, { $set: { ...sealed, 'ledger.outbox': outbox } });
    await migrate(toolsFor(store), () => {});
    await people().updateOne({ _id: rex?._id as string }, { $set: { 'ledger.outbox': [] } });
    world = await createWorld({}, { store, clock });
  });
  afterAll(async () => {
    await world.close();
    await store.drop();
  });

  test('guardians’ cases wait apart, with their texts, and open nothing', async () => {
    const { privacyCaseQueue } = await ask(officer, '{ privacyCaseQueue { kind child contact message user { id } } }');
    expect(privacyCaseQueue).toEqual([
      { kind: 'SUBJECT', child: null, contact: null, message: 'What is held?', user: { id: 'ada' } },
      { kind: 'SUBJECT', child: null, contact: null, message: null, user: { id: 'ben' } },
      { kind: 'GUARDIAN_UNVERIFIED', child: 'Pip', contact: 'parent@example.com', message: 'My child', user: null },
      { kind: 'GUARDIAN_UNVERIFIED', child: null, contact: 'mum@example.com', message: 'My child', user: null },
    ]);
    expect((await ask(officer, '{ user(id: "pip") { avatarName } }')).user).toBeNull();
    expect((await ask(member('pip'), '{ me { privacyCases { id } } }')).me.privacyCases).toEqual([]);
  });

  test('no part of them is left in the old place', async () => {
    expect(await database().collection('guardian_cases').countDocuments()).toBe(0);
    expect(await database().collection('privacy_case_texts').countDocuments()).toBe(1);
    expect(await people().countDocuments({ 'facts.privacyCases.from': 'GUARDIAN' } as never)).toBe(0);
  });

  test('one can be verified, and one that has lost its child can be closed', async () => {
    const { privacyCaseQueue } = await ask(officer, '{ privacyCaseQueue { id kind child } }');
    const [pips, nobodys] = privacyCaseQueue.filter(({ kind }: { kind: string }) => kind === 'GUARDIAN_UNVERIFIED');
    const VERIFY = 'mutation ($id: ID!) { verifyGuardianCase(id: $id, proof: "a letter") }';
    await ask(officer, VERIFY, { id: pips.id });
    expect((await ask(officer, '{ user(id: "pip") { avatarName } }')).user).toEqual({ avatarName: 'Pip' });
    await ask(officer, VERIFY, { id: nobodys.id });
    await ask(officer, 'mutation ($id: ID!) { closePrivacyCase(id: $id) }', { id: nobodys.id });
  });

  test('a person corrects a child’s birth date after a refusal, and the refusal stays', async () => {
    expect(await people().findOne({ publicId: 'rex' } as never)).toMatchObject({
      seal: { by: 'CORRECTION', was: 'REFUSED', isTheirsToLift: true },
    });
    const CORRECT = 'mutation { correctPersonalData(input: { birthDate: "1980-01-01" }) { user { status } } }';
    expect((await ask(member('rex'), CORRECT)).correctPersonalData.user).toEqual({ status: 'REFUSED' });
  });
});

test('steps cut off between two writes have the same result when they run again', async () => {
  const store = await openWritten();
  const database = store.connection.getClient().db(store.connection.name);
  const people = database.collection<{ _id: string }>('people');
  const earlier = await people.findOne({ publicId: 'pip' } as never);
  const strangers = await database.collection('guardian_cases').find().toArray();
  await setGuardiansApart.run(toolsFor(store));
  const reports = await database.collection('child_reports').find().sort({ _id: 1 }).toArray();
  // the texts had moved, the cases not yet
  await people.replaceOne({ _id: earlier?._id as string }, earlier as never);
  await database.collection('guardian_cases').insertMany(strangers);
  expect(await setGuardiansApart.run(toolsFor(store))).toBe(2);
  expect(await database.collection('child_reports').find().sort({ _id: 1 }).toArray()).toEqual(reports);
  expect(await setGuardiansApart.run(toolsFor(store))).toBe(0);
  expect(await nameSeals.run(toolsFor(store))).toBe(0);
  await store.drop();
});
