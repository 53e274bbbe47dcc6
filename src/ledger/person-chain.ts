import mongoose from 'mongoose';
import { groupBy } from '../base/group-by.ts';
import type { Store } from '../store/mongo/connection.ts';
import { DUPLICATE_KEY } from '../store/mongo/duplicate-key.ts';
import { collectionOf, PERSON_LEDGER } from './collections.ts';
import { entryId } from './entry.ts';
import { mergeOutbox, type PersonEntry, type PersonEntrySelection, type PersonEntryType } from './person-entry.ts';

export type { Head } from './entry.ts';
export * from './person-entry.ts';

/** What the ledger needs of a person's document. */
interface PersonOfRecord {
  readonly _id: string;
  readonly ledger: { readonly outbox: readonly PersonEntry[] };
}

export type PersonLedger = ReturnType<typeof createPersonLedger>;

/** The ledger holds another entry in the place of one that is to be settled. */
export class LedgerConflictError extends Error {
  override readonly name = 'LedgerConflictError';
}

const { MongoBulkWriteError } = mongoose.mongo;

const MOST_AT_ONCE = 100_000;

/**
 * The entries whose places were taken already; every other of the `count` is in the ledger.
 *
 * The driver reports a lost connection by the same error as refused entries, with nobody refused: unless each entry was
 * either inserted or refused, nobody knows what became of the rest.
 */
const refusedOf = (error: unknown, count: number): PersonEntry[] => {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
  const faults = error.result.getWriteErrors();
  const isAccounted = error.insertedCount + faults.length === count;
  if (!isAccounted || faults.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  return faults.map((fault) => fault.getOperation() as PersonEntry);
};

/** The book of every person's own acts: preferences, consents, acceptances, opt-outs; a hash chain for each person. */
export function createPersonLedger({ connection, write, read }: Pick<Store, 'connection' | 'write' | 'read'>) {
  const collection = collectionOf<PersonEntry>(connection, PERSON_LEDGER);

  return {
    /**
     * Brings finished entries from an outbox into the ledger. Doing it again changes nothing.
     *
     * @throws {LedgerConflictError} another entry stands in the place of one of them
     */
    async settle(entries: readonly PersonEntry[]): Promise<void> {
      if (entries.length === 0) return;
      try {
        await collection.insertMany(entries, { ordered: false, writeConcern: write });
      } catch (error) {
        const refused = refusedOf(error, entries.length);
        const places = { _id: { $in: refused.map(({ _id }) => _id) }, sid: { $in: refused.map(({ sid }) => sid) } };
        const held = await collection.find(places, { projection: { hash: 1 }, ...read }).toArray();
        const hashes = new Map(held.map((entry) => [entry._id, entry.hash]));
        const other = refused.find((entry) => hashes.get(entry._id) !== entry.hash);
        if (other) throw new LedgerConflictError(`Another entry stands in the place of ${other._id}.`);
      }
    },

    /** The entries of each person, newest first, in one command; people without any are left out. */
    async find(
      sids: readonly string[],
      { types, before, limitPerPerson }: PersonEntrySelection = {},
    ): Promise<Map<string, PersonEntry[]>> {
      const wanted = {
        sid: { $in: sids },
        ...(types && { type: { $in: types } }),
        ...(before !== undefined && { n: { $lt: before } }),
      };
      // by the index of places, backwards, and in one batch as far as that can hold them (16 MB)
      const newest = { sort: { sid: -1, n: -1 }, batchSize: MOST_AT_ONCE } as const;
      const limit = sids.length === 1 && limitPerPerson !== undefined ? { limit: limitPerPerson } : {};
      const found = groupBy(
        await collection.find(wanted, { ...newest, ...limit, ...read }).toArray(),
        ({ sid }) => sid,
      );
      if (limitPerPerson !== undefined)
        for (const [sid, entries] of found) found.set(sid, entries.slice(0, limitPerPerson));
      return found;
    },

    /** Every entry that lies in the ledger for a person, also those that a mend has set aside, by number. */
    findAll: (sid: string): Promise<PersonEntry[]> => collection.find({ sid }, { ...read, sort: { n: 1 } }).toArray(),

    findEntry: (sid: string, n: number): Promise<PersonEntry | null> =>
      collection.findOne({ _id: entryId(sid, n), sid }, read),

    /**
     * The last entry of a type, and of a consent purpose where one is given: from the person's outbox, else from the
     * ledger.
     */
    async findLatest(person: PersonOfRecord, type: PersonEntryType, purpose?: string): Promise<PersonEntry | null> {
      const speaksOfIt = (entry: PersonEntry) =>
        entry.type === type && (purpose === undefined || (entry.type === 'CONSENT' && entry.purpose === purpose));
      const waiting = mergeOutbox([], person.ledger.outbox).find(speaksOfIt);
      if (waiting) return waiting;
      const wanted = { sid: person._id, type, ...(purpose !== undefined && { purpose }) };
      return collection.findOne(wanted, { sort: { n: -1 }, ...read });
    },
  };
}
