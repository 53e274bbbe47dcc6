import type { Clock } from '../../base/clock.ts';
import { DAY } from '../../base/durations.ts';
import type { Policy } from '../../policy/clause.ts';
import type { Retention } from '../../policy/retention.ts';
import type { Allowance, Allowances } from '../../store/allowances.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createDailyTallies } from '../../store/mongo/repositories/daily-tallies.ts';
import { createItems, TRANSACTIONS } from '../../store/mongo/repositories/items.ts';
import { createPeopleStatistics } from '../../store/mongo/repositories/people-statistics.ts';
import { createStatisticsSnapshots, type SnapshotRecord } from '../../store/mongo/repositories/statistics-snapshots.ts';
import { ageBandOf, ageOn } from '../../subject/age.ts';
import { timesOf, withoutOver } from '../../subject/expiry.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { findVaults, openValue, type Vault } from '../../subject/vault.ts';
import { type Cell, largest, OTHER, protect } from './disclosure-control.ts';

/** Events are counted when they happen; nothing is kept about the person. */
export const EVENT_TABLES = ['VISITS', 'PAGES', 'BROWSERS', 'MACHINES'] as const;
export type EventTable = (typeof EVENT_TABLES)[number];

/** How many people have transactions, by one property of theirs. */
export const PEOPLE_TABLES = ['TRANSACTIONS_BY_GENDER', 'TRANSACTIONS_BY_AGE_BAND', 'TRANSACTIONS_BY_COUNTRY'] as const;
export type PeopleTable = (typeof PEOPLE_TABLES)[number];
export type StatisticsTable = EventTable | PeopleTable;

export interface StatisticsOptions {
  readonly store: Access;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly allowances: Pick<Allowances, 'take'>;
  readonly policy: Policy;
  readonly retention: Retention;
  readonly clock: Clock;
}

const BATCH = 500;
const dayOf = (instant: Date) => instant.toISOString().slice(0, 10);

/** Names of pages that are counted apart in one day, over all gateways; visits of others are counted together. */
export const PAGES_A_DAY = { of: 'names of pages in a day', most: 200, withinMs: DAY } satisfies Allowance;
/** The largest number of cells in a table, besides the cell of the rest. */
export const MOST_CELLS = 500;

const TABLES: readonly StatisticsTable[] = [...EVENT_TABLES, ...PEOPLE_TABLES];

/** The properties that people with transactions are counted by; not said is not counted. */
const PROPERTIES: Readonly<Record<PeopleTable, (person: PersonDocument, vault: Vault, now: Date) => string | null>> = {
  TRANSACTIONS_BY_GENDER: ({ values }, vault) => openValue(vault, values, 'GENDER')?.trim().toLowerCase() ?? null,
  TRANSACTIONS_BY_AGE_BAND: ({ values }, vault, now) => {
    const birthDate = openValue(vault, values, 'BIRTH_DATE');
    const age = birthDate === undefined ? null : ageOn(birthDate, now);
    return age === null ? null : ageBandOf(age);
  },
  TRANSACTIONS_BY_COUNTRY: ({ values }, vault) => openValue(vault, values, 'ACCOUNT')?.country ?? null,
};

export type Statistics = ReturnType<typeof createStatistics>;

/** Counts alone: fixed tables of whole days, refreshed daily, without filters. */
export function createStatistics({ store, keys, allowances, policy, retention, clock }: StatisticsOptions) {
  const tallies = createDailyTallies<EventTable>(store);
  const snapshots = createStatisticsSnapshots(store);
  const records = createPeopleStatistics<PersonDocument>(store);
  const transactions = createItems(store, TRANSACTIONS);

  const countEvents = async (before: string): Promise<Map<StatisticsTable, Cell[]>> => {
    // one more than is shown, in case the cell of the rest is among the largest
    const found = await tallies.sumBefore(before, MOST_CELLS + 1);
    return new Map(found.map(({ _id, total, cells }) => [_id, largest(cells, MOST_CELLS, total)]));
  };

  const countBatch = async (sids: readonly string[], now: Date, count: (table: PeopleTable, key: string) => void) => {
    const [people, vaults] = await Promise.all([records.findOfStatus(sids, 'ACTIVE'), findVaults(keys, sids)]);
    for (const person of people) {
      const vault = vaults.get(person._id);
      if (!vault) continue;
      const held = withoutOver(timesOf(retention, person, now), person);
      for (const table of PEOPLE_TABLES) {
        const value = PROPERTIES[table](held, vault, now);
        if (value !== null) count(table, value);
      }
    }
  };

  const countPeople = async (now: Date): Promise<Map<StatisticsTable, Cell[]>> => {
    const counts = new Map(PEOPLE_TABLES.map((table) => [table, new Map<string, number>()]));
    const count = (table: PeopleTable, key: string) => {
      const cells = counts.get(table);
      cells?.set(key, (cells.get(key) ?? 0) + 1);
    };
    let batch: string[] = [];
    for await (const sid of transactions.findOwners()) {
      batch.push(sid);
      if (batch.length < BATCH) continue;
      await countBatch(batch, now, count);
      batch = [];
    }
    if (batch.length > 0) await countBatch(batch, now, count);
    return new Map(
      [...counts].map(([table, cells]) => {
        const counted = [...cells].map(([key, count]) => ({ key, count }));
        return [
          table,
          largest(
            counted,
            MOST_CELLS,
            counted.reduce((sum, cell) => sum + cell.count, 0),
          ),
        ];
      }),
    );
  };

  /** Makes every table of a day at once, so that all speak of the same people, and forgets those of days before. */
  const makeSnapshots = async (day: string): Promise<void> => {
    const counted = new Map([...(await countEvents(day)), ...(await countPeople(clock.now()))]);
    await snapshots.keep(
      TABLES.map((table) => ({ _id: { day, table }, cells: protect(counted.get(table) ?? [], policy.minimumCell) })),
    );
    await snapshots.dropBefore(day);
  };

  /** However many ask at the beginning of a day, this process counts once. */
  let making: { readonly day: string; readonly done: Promise<void> } | null = null;
  const makeOnce = (day: string): Promise<void> => {
    if (making?.day === day) return making.done;
    const done = makeSnapshots(day).finally(() => {
      making = null;
    });
    making = { day, done };
    return done;
  };

  const snapshotOf = async (day: string, table: StatisticsTable): Promise<SnapshotRecord | null> => {
    const _id = { day, table };
    const made = await snapshots.find(_id);
    if (made) return made;
    await makeOnce(day);
    return snapshots.find(_id);
  };

  const add = (table: EventTable, key: string, begins = true): Promise<boolean> =>
    tallies.add({ day: dayOf(clock.now()), table, key }, begins);

  return {
    /** Adds one to a count of today. */
    async count(table: Exclude<EventTable, 'PAGES'>, key: string): Promise<void> {
      await add(table, key);
    },

    /** Adds one to the visits of a page today; to those of the other pages once the names of the day are given out. */
    async countPage(name: string): Promise<void> {
      if (await add('PAGES', name, false)) return;
      const isNamed = await allowances.take(PAGES_A_DAY, dayOf(clock.now()));
      await add('PAGES', isNamed ? name : OTHER);
    },

    /** The cells of a table, as of the beginning of today. */
    async find(table: StatisticsTable): Promise<{ readonly asOf: Date; readonly cells: readonly Cell[] }> {
      const asOf = new Date(Math.floor(clock.now().getTime() / DAY) * DAY);
      const snapshot = await snapshotOf(dayOf(asOf), table);
      return { asOf, cells: snapshot?.cells ?? [] };
    },
  };
}
