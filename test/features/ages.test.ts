import { afterEach, describe, expect, test } from 'vitest';
import { createBirthSweep } from '../../src/features/ages/operations.ts';
import { createServices } from '../../src/gateway/services.ts';
import { createClock, DAY } from '../support/clock.ts';
import { documentsIn } from '../support/people.ts';
import { clauseOf, draftOfReference, parsePolicy } from '../support/policy.ts';
import { quiet } from '../support/store.ts';
import { createWorld, KEYS, type TestWorld } from '../support/world.ts';

const askingAge = (version: string) => {
  const draft = draftOfReference();
  for (const reveal of clauseOf(draft, 'sharing.opt-in-offers').reveals ?? [])
    reveal.when = { all: [reveal.when, { age: { atLeast: 18 } }] };
  return parsePolicy(JSON.stringify({ ...draft, version }), 'p.json');
};

const clock = createClock('2026-03-10T12:00:00.000Z');
const BORN = new Date('1990-02-03T00:00:00Z');
const person = (id: string, more: object = {}) => ({ id, avatarName: id, country: 'US', ...more });
const PEOPLE = [
  ...Array.from({ length: 250 }, (_, index) => person(`dated-${index}`, { birthDate: '1990-02-03' })),
  ...[person('undated'), person('sealed', { birthDate: '1990-02-03', status: 'SEALED' })],
];

let world: TestWorld;
afterEach(() => world.close());
const facts = () => documentsIn(world.store);
/** Makes people look as if they had registered before a version asked for an age. */
const forget = () => facts().updateMany({}, { $unset: { 'facts.bornOn': 1 } });
const countOfBorn = () => facts().countDocuments({ 'facts.bornOn': BORN });
const services = (more: object = {}) =>
  createServices({ store: world.store, table: world.table, clock, log: quiet, ...KEYS, ...more });

describe('where a version asks for an age', () => {
  const open = async () => {
    world = await createWorld({ users: PEOPLE }, { clock, policy: askingAge('with-ages') });
    await forget();
  };

  test('a sweep puts the dates of birth of people who registered before among the facts, and counts them', async () => {
    await open();
    const told: unknown[] = [];
    const log = { ...quiet, info: (about: unknown) => told.push(about) };
    await services({ log }).births.sweep();
    expect(await countOfBorn()).toBe(251);
    expect(told).toEqual([{ people: 100 }, { people: 100 }, { people: 51 }]);
    expect((await facts().findOne({ publicId: 'undated' }))?.facts).not.toHaveProperty('bornOn');
    expect((await facts().findOne({ publicId: 'dated-1' }))?.ledger.outbox).toEqual([]);
  });

  test('two gateways at once, one of them cut off, fill all of them once', async () => {
    await open();
    const before = await facts().findOne({ publicId: 'dated-7' });
    const cutOff = services();
    let left = 60;
    const { apply } = cutOff.changes;
    const births = createBirthSweep({
      ...cutOff,
      changes: {
        apply: async (...args) => {
          if (left-- <= 0) throw new Error('the process ended');
          return apply(...args);
        },
      },
    });
    await Promise.allSettled([births.sweep(), services().births.sweep()]);
    expect(await countOfBorn()).toBe(251);
    expect((await facts().findOne({ publicId: 'dated-7' }))?.revision).toBe((before?.revision ?? 0) + 1);
  });

  test('a person with a value that can’t be opened delays nobody else, and is tried again', async () => {
    await open();
    const known = await facts().findOne({ publicId: 'dated-3' });
    await facts().updateOne({ publicId: 'dated-3' }, { $set: { 'values.BIRTH_DATE': 'spoilt' } });
    const { births } = services();
    await expect(births.sweep()).rejects.toThrow();
    expect(await countOfBorn()).toBe(250);
    await facts().updateOne({ publicId: 'dated-3' }, { $set: { 'values.BIRTH_DATE': known?.values.BIRTH_DATE } });
    clock.advance(DAY);
    await births.sweep();
    expect(await countOfBorn()).toBe(251);
  });

  test('people registered by an older gateway meanwhile follow within a day', async () => {
    await open();
    const { births } = services();
    await births.sweep();
    await facts().updateOne({ publicId: 'dated-3' }, { $unset: { 'facts.bornOn': 1 } });
    clock.advance(DAY);
    await births.sweep();
    expect(await countOfBorn()).toBe(251);
  });
});

test('where no version asks for an age, no date of birth comes among the facts', async () => {
  world = await createWorld({ users: PEOPLE.slice(0, 3) }, { clock });
  await services().births.sweep();
  expect(await facts().countDocuments({ 'facts.bornOn': { $exists: true } })).toBe(0);
});
