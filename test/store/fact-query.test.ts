import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exactly, type Filter, someElement } from '../../src/policy/filter.ts';
import {
  AN_INSTANT,
  after,
  atMost,
  equals,
  holdsOneOf,
  oneOf,
  type Predicate,
  testOf,
} from '../../src/policy/predicate.ts';
import { toQuery } from '../../src/store/mongo/fact-query.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const NOON = new Date('2026-03-10T12:00:00.000Z');
const shifted = (milliseconds: number) => new Date(NOON.getTime() + milliseconds);

const PREDICATES: readonly (readonly [name: string, predicate: Predicate])[] = [
  ['equals a text', equals('OPEN')],
  ['equals true', equals(true)],
  ['equals false', equals(false)],
  ['is one of some texts', oneOf(new Set(['OPEN', 'FAILED']))],
  ['is an instant up to noon', atMost(NOON)],
  ['is an instant after noon', after(NOON)],
  ['is an instant', AN_INSTANT],
  ['is a list that holds one of some texts', holdsOneOf(new Set(['OPEN', 'FAILED']))],
];

/** Sound values and malformed ones, each also where a list or a record holds it. */
const PLAIN = [
  ...['OPEN', 'FAILED', 'open', '', 'true', true, false, null, 0, 1],
  ...[NOON, shifted(-1), shifted(1), new Date(Number.NaN), NOON.toISOString(), NOON.getTime()],
];
const VALUES: readonly unknown[] = [
  ...PLAIN,
  ...PLAIN.map((value) => [value]),
  ...PLAIN.map((value) => [[value]]),
  ...PLAIN.map((value) => ({ 0: value })),
  ...[[], {}, [{}], ['CLOSED', 'OPEN']],
];

interface Stored {
  readonly _id: number;
  readonly value?: unknown;
}

let store: TestStore;
let values: readonly Stored[];
const people = () =>
  store.connection.getClient().db(store.connection.name).collection<Stored & { facts: unknown }>('people');

beforeAll(async () => {
  store = await openTestStore();
  const withEach = [...VALUES.map((value) => ({ value })), {}];
  await people().insertMany(
    withEach.map((held, _id) => ({
      ...{ _id, ...held },
      facts: { ...held, holder: held, listed: [held], buried: [[held]], holders: [held] },
    })),
  );
  values = await people()
    .find({}, { sort: { _id: 1 } })
    .toArray();
});
afterAll(() => store.drop());

const found = async (filter: Filter) => {
  const documents = await people()
    .find(toQuery(filter) ?? {}, { sort: { _id: 1 }, projection: { _id: 1 } })
    .toArray();
  return documents.map(({ _id }) => _id);
};

describe.each(PREDICATES)('a value that %s', (_name, predicate) => {
  const meant = () => values.filter(({ value }) => testOf(predicate)(value, undefined)).map(({ _id }) => _id);

  test('is found by the database and by a decision alike', async () => {
    expect(meant()).not.toEqual([]);
    expect(await found(exactly('value', predicate, 0))).toEqual(meant());
  });

  test('is found alike where a record holds it', async () =>
    expect(await found(exactly('holder.value', predicate, 0))).toEqual(meant()));

  test('is found alike in an element of a list', async () =>
    expect(await found(someElement('listed', { where: { value: predicate } }, 'value', 0))).toEqual(meant()));

  test('is not found where a list stands in the place of the record', async () =>
    expect(await found(exactly('holders.value', predicate, 0))).toEqual([]));

  test('is not found where a list stands in the place of an element', async () =>
    expect(await found(someElement('buried', { where: { value: predicate } }, 'value', 0))).toEqual([]));
});
