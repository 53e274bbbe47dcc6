import { groupBy } from '../../base/group-by.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createPersonLedgerEntries } from '../../store/mongo/repositories/person-ledger.ts';
import { entryId } from './entry.ts';
import { mergeOutbox, type PersonEntry, type PersonEntrySelection, type PersonEntryType } from './person-entry.ts';

export type { Head } from './entry.ts';
export * from './person-entry.ts';

/** The parts of a person's document that the ledger needs. */
interface PersonOfRecord {
  readonly _id: string;
  readonly ledger: { readonly outbox: readonly PersonEntry[] };
}

export type PersonLedger = ReturnType<typeof createPersonLedger>;

/** The ledger holds another entry in the place of one that is to be settled. */
export class LedgerConflictError extends Error {
  override readonly name = 'LedgerConflictError';
}

/** The book of every person's own acts: preferences, consents, acceptances, opt-outs; a hash chain for each person. */
export function createPersonLedger(store: Access) {
  const ledger = createPersonLedgerEntries<PersonEntry>(store);

  return {
    /**
     * Brings finished entries from an outbox into the ledger. Doing it again changes nothing.
     *
     * @throws {LedgerConflictError} another entry stands in the place of one of them
     */
    async settle(entries: readonly PersonEntry[]): Promise<void> {
      if (entries.length === 0) return;
      const displaced = await ledger.put(entries);
      if (displaced) throw new LedgerConflictError(`Another entry stands in the place of ${displaced._id}.`);
    },

    /** The entries of each person, newest first, in one command; people without any are left out. */
    async find(
      sids: readonly string[],
      { types, before, limitPerPerson }: PersonEntrySelection = {},
    ): Promise<Map<string, PersonEntry[]>> {
      const limit = sids.length === 1 ? limitPerPerson : undefined;
      const found = groupBy(await ledger.find(sids, { types, before, limit }), ({ sid }) => sid);
      if (limitPerPerson !== undefined)
        for (const [sid, entries] of found) found.set(sid, entries.slice(0, limitPerPerson));
      return found;
    },

    /** Every entry that lies in the ledger for a person, also those that a mend has set aside, by number. */
    findAll: (sid: string): Promise<PersonEntry[]> => ledger.findAll(sid),

    findEntry: (sid: string, n: number): Promise<PersonEntry | null> => ledger.findAt({ _id: entryId(sid, n), sid }),

    /**
     * The last entry of a type, and of a consent purpose where one is given: from the person's outbox, else from the
     * ledger.
     */
    async findLatest(person: PersonOfRecord, type: PersonEntryType, purpose?: string): Promise<PersonEntry | null> {
      const speaksOfIt = (entry: PersonEntry) =>
        entry.type === type && (purpose === undefined || (entry.type === 'CONSENT' && entry.purpose === purpose));
      const waiting = mergeOutbox([], person.ledger.outbox).find(speaksOfIt);
      if (waiting) return waiting;
      return ledger.findLatest(person._id, type, purpose);
    },
  };
}
