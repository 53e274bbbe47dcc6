import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type Cell, protect } from '../../src/features/statistics/disclosure-control.ts';
import { createClock, DAY } from '../support/clock.ts';
import { createWorld, member, staff, type TestWorld } from '../support/world.ts';

const K = 5;
let world: TestWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const total = (cells: readonly Cell[]) => cells.reduce((sum, { count }) => sum + count, 0);
const population = fc.array(fc.record({ a: fc.constantFrom('p', 'q', 'r', 's'), b: fc.constantFrom('x', 'y', 'z') }), {
  maxLength: 80,
});
const tableBy = (people: readonly { a: string; b: string }[], property: 'a' | 'b'): Cell[] =>
  [...new Set(people.map((person) => person[property]))].map((key) => ({
    key,
    count: people.filter((person) => person[property] === key).length,
  }));

describe('aggregate.only: no answer and no two answers speak of fewer than k people', () => {
  test('every published count is a multiple of k, and at least k', () => {
    fc.assert(
      fc.property(population, (people) => {
        for (const { count } of protect(tableBy(people, 'a'), K)) {
          expect(count).toBeGreaterThanOrEqual(K);
          expect(count % K).toBe(0);
        }
      }),
    );
  });

  test('another table of the same people does not give hidden counts away: it hides nobody, or at least k people over several cells', () => {
    fc.assert(
      fc.property(population, (people) => {
        for (const property of ['a', 'b'] as const) {
          const cells = tableBy(people, property);
          const shown = new Set(protect(cells, K).map(({ key }) => key));
          const hidden = cells.filter(({ key }) => !shown.has(key));
          if (hidden.length === 0 || shown.size === 0) continue;
          expect(hidden.length).toBeGreaterThan(1);
          expect(total(hidden)).toBeGreaterThanOrEqual(K);
        }
      }),
    );
  });

  test('the difference of two answers, of any tables on any days, is nothing or at least k', () => {
    fc.assert(
      fc.property(population, population, fc.constantFrom('a', 'b'), fc.constantFrom('a', 'b'), (one, more, p, q) => {
        const first = protect(tableBy(one, p as 'a'), K);
        const second = protect(tableBy([...one, ...more], q as 'b'), K);
        const sums = (cells: readonly Cell[]) => [total(cells), ...cells.map(({ count }) => count)];
        for (const left of sums(first))
          for (const right of sums(second)) {
            const difference = Math.abs(left - right);
            expect(difference === 0 || difference >= K).toBe(true);
          }
      }),
    );
  });
});

describe('aggregate.only: nobody is isolated by comparing answers of the gateway', () => {
  const TABLES = ['TRANSACTIONS_BY_GENDER', 'TRANSACTIONS_BY_AGE_BAND', 'TRANSACTIONS_BY_COUNTRY'] as const;
  const BORN = { AGE_18_24: '2004-05-05', AGE_35_49: '1985-05-05', AGE_50_PLUS: '1960-05-05' } as const;
  /** A person, by the cell of each table that counts them, where they say. */
  type Person = Partial<Record<(typeof TABLES)[number], string>>;
  const people = (most: number) =>
    fc.array(
      fc.record(
        {
          TRANSACTIONS_BY_GENDER: fc.constantFrom('female', 'female', 'female', 'male', 'other'),
          TRANSACTIONS_BY_AGE_BAND: fc.constantFrom('AGE_18_24', 'AGE_35_49', 'AGE_35_49', 'AGE_50_PLUS'),
          TRANSACTIONS_BY_COUNTRY: fc.constantFrom('US', 'US', 'US', 'US', 'FR', 'JP'),
        },
        { requiredKeys: [] },
      ) as fc.Arbitrary<Person>,
      { maxLength: most, size: 'max' },
    );
  const asUser = (id: string, person: Person) => ({
    id,
    avatarName: id,
    gender: person.TRANSACTIONS_BY_GENDER,
    country: person.TRANSACTIONS_BY_COUNTRY,
    birthDate: BORN[person.TRANSACTIONS_BY_AGE_BAND as keyof typeof BORN],
    transactions: [{ id: 't', kind: 'BOUGHT', at: '2026-01-01T00:00:00Z' }],
  });

  test('over random populations, days and pairs of answers: never fewer than k people', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(people(60), people(6), fc.integer({ min: 0, max: 4 }), async (first, joining, leaving) => {
        const clock = createClock('2026-03-01T12:00:00.000Z');
        const of = (described: readonly Person[], prefix: string) =>
          JSON.parse(JSON.stringify(described.map((person, index) => asUser(`${prefix}${index}`, person))));
        const own = await createWorld({ users: of(first, 'a') }, { clock });
        try {
          const ask = async (table: string) =>
            (await own.ask(null, `{ statistics(table: ${table}) { cells { key count } } }`)).data.statistics
              .cells as Cell[];
          const answersOf = (here: readonly Person[]) =>
            Promise.all(TABLES.map(async (table) => ({ table, here, cells: await ask(table) })));
          const before = await answersOf(first);
          clock.advance(DAY);
          await own.load({ users: of(joining, 'b') });
          for (let n = 0; n < Math.min(leaving, first.length); n++)
            await own.ask(member(`a${n}`), 'mutation { refusePolicy { user { id } } }');
          const after = await answersOf([...first.slice(leaving), ...joining]);

          for (const { table, here, cells } of [...before, ...after]) {
            const hidden = here.flatMap((person) => person[table] ?? []);
            for (const { key, count } of cells) {
              const truth = hidden.filter((value) => value === key).length;
              expect(Math.floor(truth / K) * K).toBe(count);
              for (let n = 0; n < truth; n++) hidden.splice(hidden.indexOf(key), 1);
            }
            // the hidden count, which another table of the same people would give away by subtraction
            if (cells.length > 0 && hidden.length > 0) {
              expect(hidden.length).toBeGreaterThanOrEqual(K);
              expect(new Set(hidden).size).toBeGreaterThan(1);
            }
          }
          const sums = [...before, ...after].flatMap(({ cells }) => [total(cells), ...cells.map(({ count }) => count)]);
          for (const one of sums)
            for (const other of sums) expect(one === other || Math.abs(one - other) >= K).toBe(true);
        } finally {
          await own.close();
        }
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });
});

describe('aggregate.only, machine.statistics: events are counted on arrival, and nothing else is kept', () => {
  const VISIT = 'mutation ($page: String!) { recordVisit(page: $page, browser: FIREFOX) }';
  const TABLE = 'query ($table: StatisticsTable!) { statistics(table: $table) { asOf cells { key count } } }';
  const open = async () => {
    const clock = createClock('2026-03-01T12:00:00.000Z');
    world = await createWorld({ users: [{ id: 'u1', avatarName: 'Neko' }] }, { clock });
    return { world, clock };
  };

  test('events of today are in the tables of tomorrow, in cells of at least k', async () => {
    const { world, clock } = await open();
    for (let i = 0; i < 12; i++) await world.ask(null, VISIT, { page: i < 8 ? '/shop' : '/help' });
    const cells = async (table: string) => (await world.ask(null, TABLE, { table })).data.statistics.cells;
    expect(await cells('PAGES')).toEqual([]);
    clock.advance(DAY);
    expect(await cells('VISITS')).toEqual([{ key: 'all', count: 10 }]);
    expect(await cells('BROWSERS')).toEqual([{ key: 'FIREFOX', count: 10 }]);
    // four visits of /help are too few, and one hidden cell could be had by subtraction
    expect(await cells('PAGES')).toEqual([]);
  });

  test('machines are counted without any id', async () => {
    const { world, clock } = await open();
    for (let i = 0; i < 5; i++)
      expect((await world.ask(null, 'mutation { recordMachine(system: LINUX) }')).data.recordMachine).toBe(true);
    clock.advance(DAY);
    expect((await world.ask(null, TABLE, { table: 'MACHINES' })).data.statistics.cells).toEqual([
      { key: 'LINUX', count: 5 },
    ]);
  });

  test.each([
    { name: 'a member', caller: member('u1') },
    { name: 'staff', caller: staff('analyst', 'internal-analysis') },
  ])('$name is not counted: no event arrives with a person’s id', async ({ caller }) => {
    const { world } = await open();
    for (const query of [
      'mutation { recordVisit(page: "/", browser: OTHER) }',
      'mutation { recordMachine(system: LINUX) }',
    ])
      expect((await world.ask(caller, query)).errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a page with a query, which may hold anything, is refused without being repeated', async () => {
    const { world } = await open();
    const { errors } = await world.ask(null, VISIT, { page: '/shop?email=neko@example.com' });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'page' });
    expect(JSON.stringify(errors)).not.toContain('neko');
  });

  test('no row of counts holds an address or an id', async () => {
    const { world } = await open();
    await world.ask(null, VISIT, { page: '/shop' }, { 'x-forwarded-for': '203.0.113.7' });
    const database = world.store.connection.getClient().db(world.store.connection.name);
    for (const { name } of await database.listCollections().toArray())
      expect(JSON.stringify(await database.collection(name).find().toArray())).not.toContain('203.0.113.7');
    const [row] = await database.collection('daily_tallies').find().toArray();
    expect(Object.keys(row ?? {})).toEqual(['_id', 'count']);
  });
});

describe('aggregate.transactions: transactions by properties of people, as counts of people', () => {
  test('people with transactions are counted once each; children, refusals and people without any are not', async () => {
    const clock = createClock('2026-03-01T12:00:00.000Z');
    const transactions = [1, 2].map((n) => ({
      id: `t${n}`,
      kind: 'BOUGHT',
      good: 'lamp',
      price: 1,
      at: '2026-01-01T00:00:00Z',
    }));
    const people = (count: number, rest: object) =>
      Array.from({ length: count }, (_, index) => ({
        avatarName: `${JSON.stringify(rest).length}-${index}`,
        transactions,
        ...rest,
      }));
    const users = [
      ...people(7, { gender: 'Female', country: 'US', birthDate: '1990-01-01' }),
      ...people(6, { gender: 'male', country: 'US', birthDate: '1970-01-01' }),
      ...people(3, { gender: 'male', country: 'FR', birthDate: '1970-01-01', status: 'REFUSED' }),
      ...people(9, { gender: 'other', country: 'US', transactions: [] }),
    ].map((user, index) => ({ ...user, id: `u${index}` }));
    world = await createWorld({ users }, { clock });
    const cells = async (table: string) =>
      (await (world as TestWorld).ask(null, `{ statistics(table: ${table}) { cells { key count } } }`)).data.statistics
        .cells;
    expect(await cells('TRANSACTIONS_BY_GENDER')).toEqual([
      { key: 'female', count: 5 },
      { key: 'male', count: 5 },
    ]);
    expect(await cells('TRANSACTIONS_BY_COUNTRY')).toEqual([{ key: 'US', count: 10 }]);
    expect(await cells('TRANSACTIONS_BY_AGE_BAND')).toEqual([
      { key: 'AGE_35_49', count: 5 },
      { key: 'AGE_50_PLUS', count: 5 },
    ]);
  });
});
