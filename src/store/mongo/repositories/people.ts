import type { mongo } from 'mongoose';
import type { Filter } from '../../../policy/filter.ts';
import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf, PEOPLE } from '../collections.ts';
import { isAdded, refusedOf } from '../duplicate-key.ts';
import { hintFor, listIndex, type Query, toQuery } from '../fact-query.ts';

/** An entry that waits in a document for the ledger. */
interface WaitingEntry {
  readonly n: number;
}

/** The state of a person's ledger in their document. */
interface LedgerState<Entry extends WaitingEntry> {
  readonly head: { readonly n: number; readonly hash: string };
  readonly outbox: readonly Entry[];
  /** The number of the last act that withdraws or erases, while its notices may not be in place. */
  readonly untold?: number;
  /** Whether a mend has set entries aside. */
  readonly mended?: true;
}

/** The parts of a person's document for its commands. */
export interface PersonRecord<Entry extends WaitingEntry = WaitingEntry> {
  readonly _id: string;
  readonly publicId: string;
  readonly foldedName: string;
  /** Counts the changes of the document. */
  readonly revision: number;
  readonly ledger: LedgerState<Entry>;
}

/** The state of a person's document at the read. */
type Seen = Pick<PersonRecord, '_id' | 'revision'>;

/** The parts of a document for moving its entries to the ledger. */
interface Outbox {
  readonly _id: string;
  readonly ledger: { readonly outbox: readonly WaitingEntry[] };
}

/** The change of a document, and its ledger entries. */
export interface DocumentChange<Entry extends WaitingEntry> {
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Paths to remove. */
  readonly unset?: readonly string[] | undefined;
  /** The entries to wait for the ledger. */
  readonly entries: readonly Entry[];
  /** The head of the ledger after them. */
  readonly head: LedgerState<Entry>['head'];
  /** The number of an entry that recipients do not know yet. */
  readonly untold?: number | undefined;
}

/** A page of people in the order of their internal ids. */
export interface PageAsked {
  readonly filter: Filter;
  /** The page begins after this internal id. It is a position: no person has to have it. */
  readonly after: string | null;
  readonly limit: number;
}

/**
 * Internal ids of people are random: their ranges are as even as hashes.
 *
 * @param listed  paths of facts in lists, each with an index in the order of lists
 * @param besides  indexes of optional features
 */
export const peopleLayout = (listed: readonly string[], besides: Layout['indexes'] = []): Layout => ({
  name: PEOPLE,
  indexes: [
    { key: { foldedName: 1 } },
    { key: { 'ledger.outbox.n': 1 } },
    { key: { 'ledger.untold': 1 }, sparse: true },
    { key: { deletionDueAt: 1 }, sparse: true },
    { key: { retentionDueAt: 1 }, sparse: true },
    { key: { 'consentEnds.dueAt': 1 }, sparse: true },
    { key: { 'facts.acceptedVersion': 1, _id: 1 } },
    { key: { 'facts.privacyCases.id': 1 } },
    ...listed.map((path) => ({ key: listIndex(path) })),
    ...besides,
  ],
  shardKey: { _id: 1 },
});

/** Takes the read entries out of a document, and no later ones. */
const emptied = ({ _id, ledger: { outbox } }: Outbox) => ({
  updateOne: {
    filter: { _id },
    update: {
      $pull: { 'ledger.outbox': { n: { $lte: Math.max(...outbox.map(({ n }) => n)) } } },
    } as mongo.UpdateFilter<PersonRecord>,
  },
});

/** Removes the mark of an act; the mark of a later act stays. */
const told = ({ _id, untold }: { readonly _id: string; readonly untold: number }) => ({
  updateOne: {
    filter: { _id, 'ledger.untold': untold } as mongo.Filter<PersonRecord>,
    update: { $unset: { 'ledger.untold': 1 as const } },
  },
});

const NOTHING: readonly string[] = [];

/** The documents of people. */
export function createPersonRecords<
  Person extends PersonRecord<Entry>,
  Entry extends WaitingEntry = Person['ledger']['outbox'][number],
>({ connection, read, write }: Access) {
  const collection = collectionOf<PersonRecord>(connection, PEOPLE);
  const settings = { writeConcern: write };
  // unknown fields are absent, not null
  const writing = { ...settings, ignoreUndefined: true };
  const together = { ...settings, ordered: false };

  /** @param without  paths of values that are left in the database */
  const findAll = (filter: Query, without: readonly string[], options: mongo.FindOptions = {}): Promise<Person[]> => {
    const projection = Object.fromEntries(without.map((path) => [path, 0]));
    return collection.find<Person>(filter, { ...read, ...options, projection }).toArray();
  };

  return {
    find: (sid: string): Promise<Person | null> => collection.findOne<Person>({ _id: sid }, read),

    /** @param without  paths of values that are left in the database */
    findMany: (sids: readonly string[], without = NOTHING): Promise<Person[]> =>
      findAll({ _id: { $in: sids } }, without),

    /** In the order of internal ids. */
    findByFoldedNames: (names: readonly string[], without = NOTHING): Promise<Person[]> =>
      findAll({ foldedName: { $in: names } }, without, { sort: { _id: 1 } }),

    /** Uses the best index for the filter. A filter that finds nobody costs no command. */
    async findPage({ filter, after, limit }: PageAsked, without = NOTHING): Promise<Person[]> {
      const query = toQuery(filter);
      if (query === null) return [];
      const hint = hintFor(filter);
      return findAll(after === null ? query : { $and: [query, { _id: { $gt: after } }] }, without, {
        sort: { _id: 1 },
        limit,
        ...(hint && { hint }),
      });
    },

    /** The people with the smallest internal ids. */
    findFirst: (limit: number): Promise<Person[]> =>
      collection.find<Person>({}, { ...read, sort: { _id: 1 }, limit }).toArray(),

    isEmpty: async (): Promise<boolean> => (await collection.findOne({}, { projection: { _id: 1 } })) === null,

    /** The public ids of everybody. */
    findPublicIds: async (): Promise<string[]> => {
      const found = await collection.find({}, { projection: { publicId: 1 } }).toArray();
      return found.map(({ publicId }) => publicId);
    },

    /**
     * The internal ids of the people whose documents hold entries that wait for the ledger. The search proves nothing.
     */
    findWaiting: (): AsyncIterable<Pick<Person, '_id'>> =>
      collection.find<Pick<Person, '_id'>>({ 'ledger.outbox.n': { $gt: 0 } } as object, { projection: { _id: 1 } }),

    /** @returns false if somebody has that id */
    create: (person: Person): Promise<boolean> => isAdded(collection.insertOne(person, writing)),

    /**
     * Puts new people on record.
     *
     * @returns the people who already had a document; it stays
     */
    createAll: (people: readonly Person[]): Promise<Person[]> =>
      collection.insertMany(people, together).then(
        () => [],
        (error: unknown) => refusedOf<Person>(error, people.length),
      ),

    /** Removes a document, unless it has changed since the read. */
    async withdraw({ _id, revision }: Seen): Promise<void> {
      await collection.deleteOne({ _id, revision }, settings);
    },

    /** @returns the new document; null if the document has changed since the read, or is gone */
    change: (
      { _id, revision }: Seen,
      { set, unset, entries, head, untold }: DocumentChange<Entry>,
    ): Promise<Person | null> =>
      collection.findOneAndUpdate(
        { _id, revision },
        {
          $set: { ...set, 'ledger.head': head, ...(untold !== undefined && { 'ledger.untold': untold }) },
          ...(unset?.length && { $unset: Object.fromEntries(unset.map((path) => [path, 1])) }),
          $inc: { revision: 1 },
          $push: { 'ledger.outbox': { $each: entries } },
        } as mongo.UpdateFilter<PersonRecord>,
        { returnDocument: 'after', ...writing },
      ) as Promise<Person | null>,

    /**
     * Gives a mended chain a new head and other entries that wait for the ledger.
     *
     * @returns the new document; null if the document has changed since the read, or is gone
     */
    mend: ({ _id, revision }: Seen, { head, outbox }: Pick<LedgerState<Entry>, 'head' | 'outbox'>) =>
      collection.findOneAndUpdate(
        { _id, revision },
        {
          $set: { 'ledger.head': head, 'ledger.outbox': outbox, 'ledger.mended': true },
          $inc: { revision: 1 },
        } as mongo.UpdateFilter<PersonRecord>,
        { returnDocument: 'after', ...settings },
      ) as Promise<Person | null>,

    /** Takes the read entries out of the documents, and no later ones. */
    async emptyOutboxes(outboxes: readonly Outbox[]): Promise<void> {
      await collection.bulkWrite(outboxes.map(emptied), together);
    },

    /** Removes the marks of acts that recipients know by now; the mark of a later act stays. */
    async noteTold(acts: readonly { readonly _id: string; readonly untold: number }[]): Promise<void> {
      await collection.bulkWrite(acts.map(told), together);
    },
  };
}

export type PersonRecords<Person extends PersonRecord> = ReturnType<typeof createPersonRecords<Person>>;
