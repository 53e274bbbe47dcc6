import type { Clock } from '../../clock.ts';
import { isDuplicateKey } from '../../ledger/duplicate-key.ts';
import type { Policy } from '../../policy/clause.ts';
import type { Store } from '../../store/connection.ts';
import type { PersonKeys } from '../../store/keys.ts';
import { ageBandOf, ageOn } from '../../subject/age.ts';
import { type PersonDocument, personModel } from '../../subject/model.ts';
import { createVault, openValue, type Vault } from '../../subject/vault.ts';
import { contentCollection, TRANSACTIONS } from '../content/content.ts';
import { type Cell, protect } from './disclosure-control.ts';

/** What is counted when it happens; nothing is kept of who it was. */
export const EVENT_TABLES = ['VISITS', 'PAGES', 'BROWSERS', 'MACHINES'] as const;
export type EventTable = (typeof EVENT_TABLES)[number];

/** How many people have transactions, by one property of theirs. */
export const PEOPLE_TABLES = ['TRANSACTIONS_BY_GENDER', 'TRANSACTIONS_BY_AGE_BAND', 'TRANSACTIONS_BY_COUNTRY'] as const;
export type PeopleTable = (typeof PEOPLE_TABLES)[number];
export type StatisticsTable = EventTable | PeopleTable;

interface Tally {
  readonly _id: { readonly day: string; readonly table: EventTable; readonly key: string };
  readonly count: number;
}
interface Snapshot {
  /** The day, UTC. */
  readonly _id: string;
  readonly tables: Readonly<Record<string, readonly Cell[]>>;
}

export interface StatisticsOptions {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly policy: Policy;
  readonly clock: Clock;
}

const BATCH = 500;
const dayOf = (instant: Date) => instant.toISOString().slice(0, 10);
const DAY = 86_400_000;

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

/** Counts alone: fixed tables of whole days, refreshed daily, without filters. */
export function createStatistics({ store, keys, policy, clock }: StatisticsOptions) {
  const { connection, read, write } = store;
  const database = connection.getClient().db(connection.name);
  const tallies = database.collection<Tally>('daily_tallies');
  const snapshots = database.collection<Snapshot>('statistics_snapshots');
  const model = personModel(connection);

  const countEvents = async (before: string) => {
    const found = await tallies
      .aggregate<{ _id: { table: EventTable; key: string }; count: number }>(
        [
          { $match: { '_id.day': { $lt: before } } },
          { $group: { _id: { table: '$_id.table', key: '$_id.key' }, count: { $sum: '$count' } } },
        ],
        read,
      )
      .toArray();
    return found.map(({ _id: { table, key }, count }) => ({ table, key, count }));
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

  const countPeople = async (now: Date) => {
    const counts = new Map<string, { table: PeopleTable; key: string; count: number }>();
    const count = (table: PeopleTable, key: string) => {
      const name = `${table} ${key}`;
      counts.set(name, { table, key, count: (counts.get(name)?.count ?? 0) + 1 });
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
    return [...counts.values()];
  };

  /** The tables as they stood when the day began, protected; made once, by whoever asks first. */
  const snapshotOf = async (day: string): Promise<Snapshot> => {
    const made = await snapshots.findOne({ _id: day }, read);
    if (made) return made;
    const counted = [...(await countEvents(day)), ...(await countPeople(clock.now()))];
    const tables = Object.fromEntries(
      [...EVENT_TABLES, ...PEOPLE_TABLES].map((table) => [
        table,
        protect(
          counted.filter((cell) => cell.table === table).map(({ key, count }) => ({ key, count })),
          policy.minimumCell,
        ),
      ]),
    );
    await snapshots.insertOne({ _id: day, tables }, { writeConcern: write }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
    return (await snapshots.findOne({ _id: day }, read)) ?? { _id: day, tables };
  };

  return {
    /** Adds one to a count of today. */
    async count(table: EventTable, key: string): Promise<void> {
      const _id = { day: dayOf(clock.now()), table, key };
      await tallies.updateOne({ _id }, { $inc: { count: 1 } }, { upsert: true, writeConcern: write });
    },

    /** The cells of a table, as of the beginning of today. */
    async find(table: StatisticsTable): Promise<{ readonly asOf: Date; readonly cells: readonly Cell[] }> {
      const asOf = new Date(Math.floor(clock.now().getTime() / DAY) * DAY);
      const { tables } = await snapshotOf(dayOf(asOf));
      return { asOf, cells: tables[table] ?? [] };
    },
  };
}
