import type { Clock } from '../../base/clock.ts';
import type { Policy } from '../../policy/clause.ts';
import type { Allowance, Allowances } from '../../store/allowances.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Store } from '../../store/mongo/connection.ts';
import { ageBandOf, ageOn } from '../../subject/age.ts';
import { contentCollection, TRANSACTIONS } from '../../subject/content.ts';
import { type PersonDocument, personModel } from '../../subject/model.ts';
import { createVault, openValue, type Vault } from '../../subject/vault.ts';
import { type Cell, largest, OTHER, protect } from './disclosure-control.ts';

/** What is counted when it happens; nothing is kept of who it was. */
export const EVENT_TABLES = ['VISITS', 'PAGES', 'BROWSERS', 'MACHINES'] as const;
export type EventTable = (typeof EVENT_TABLES)[number];

/** How many people have transactions, by one property of theirs. */
export const PEOPLE_TABLES = ['TRANSACTIONS_BY_GENDER', 'TRANSACTIONS_BY_AGE_BAND', 'TRANSACTIONS_BY_COUNTRY'] as const;
export type PeopleTable = (typeof PEOPLE_TABLES)[number];
export type StatisticsTable = EventTable | PeopleTable;

export interface Tally {
  readonly _id: { readonly day: string; readonly table: EventTable; readonly key: string };
  readonly count: number;
}
/** A table as it stood when a day began. Each lies in a document of its own, of a bounded size. */
interface Snapshot {
  /** The day is UTC. */
  readonly _id: { readonly day: string; readonly table: StatisticsTable };
  readonly cells: readonly Cell[];
}

export interface StatisticsOptions {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly allowances: Pick<Allowances, 'take'>;
  readonly policy: Policy;
  readonly clock: Clock;
}

export const TALLIES = 'daily_tallies';
export const SNAPSHOTS = 'statistics_snapshots';

const BATCH = 500;
const dayOf = (instant: Date) => instant.toISOString().slice(0, 10);
const DAY = 86_400_000;

/** Names of pages that are counted apart in one day, over all gateways; visits of others are counted together. */
export const PAGES_A_DAY = { of: 'names of pages in a day', most: 200, withinMs: DAY } satisfies Allowance;
/** Cells that a table can have besides the one of the rest, whatever was counted. */
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
export function createStatistics({ store, keys, allowances, policy, clock }: StatisticsOptions) {
  const { connection, read, write } = store;
  const database = connection.getClient().db(connection.name);
  const tallies = database.collection<Tally>(TALLIES);
  const snapshots = database.collection<Snapshot>(SNAPSHOTS);
  const model = personModel(connection);

  /** One command, and an answer of a bounded size, however many names were counted. */
  const countEvents = async (before: string): Promise<Map<StatisticsTable, Cell[]>> => {
    const output = { key: '$_id.key', count: '$count' };
    const sortBy = { count: -1, '_id.key': 1 } as const;
    const found = await tallies
      .aggregate<{ _id: EventTable; total: number; cells: Cell[] }>(
        [
          { $match: { '_id.day': { $lt: before } } },
          { $group: { _id: { table: '$_id.table', key: '$_id.key' }, count: { $sum: '$count' } } },
          {
            $group: {
              ...{ _id: '$_id.table', total: { $sum: '$count' } },
              // one more than is shown, in case the cell of the rest is among the largest
              cells: { $topN: { n: MOST_CELLS + 1, sortBy, output } },
            },
          },
        ],
        { ...read, allowDiskUse: true },
      )
      .toArray();
    return new Map(found.map(({ _id, total, cells }) => [_id, largest(cells, MOST_CELLS, total)]));
  };

  const countBatch = async (sids: readonly string[], now: Date, count: (table: PeopleTable, key: string) => void) => {
    const active = { _id: { $in: [...sids] }, 'facts.status': 'ACTIVE' };
    const [people, dataKeys] = await Promise.all([
      model.find(active, null, { ...read, lean: true }).exec() as Promise<PersonDocument[]>,
      keys.find(sids),
    ]);
    for (const person of people) {
      const dataKey = dataKeys.get(person._id);
      if (!dataKey) continue;
      const vault = createVault(person._id, dataKey);
      for (const table of PEOPLE_TABLES) {
        const value = PROPERTIES[table](person, vault, now);
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
    const withTransactions = contentCollection(connection, TRANSACTIONS).aggregate<{ _id: string }>(
      [{ $group: { _id: '$sid' } }],
      { readPreference: read.readPreference },
    );
    let batch: string[] = [];
    for await (const { _id } of withTransactions) {
      batch.push(_id);
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
    await snapshots.bulkWrite(
      TABLES.map((table) => {
        const cells = protect(counted.get(table) ?? [], policy.minimumCell);
        return { updateOne: { filter: { _id: { day, table } }, update: { $setOnInsert: { cells } }, upsert: true } };
      }),
      { ordered: false, writeConcern: write },
    );
    await snapshots.deleteMany({ '_id.day': { $lt: day } } as never, { writeConcern: write });
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

  const snapshotOf = async (day: string, table: StatisticsTable): Promise<Snapshot | null> => {
    const _id = { day, table };
    const made = await snapshots.findOne({ _id }, read);
    if (made) return made;
    await makeOnce(day);
    return snapshots.findOne({ _id }, read);
  };

  const add = async (table: EventTable, key: string, upsert = true): Promise<boolean> => {
    const _id = { day: dayOf(clock.now()), table, key };
    const { matchedCount } = await tallies.updateOne({ _id }, { $inc: { count: 1 } }, { upsert, writeConcern: write });
    return matchedCount > 0;
  };

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
