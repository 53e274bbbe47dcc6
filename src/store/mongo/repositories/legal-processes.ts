import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

/** The parts of a legal process for its commands. */
interface LegalProcessRecord {
  readonly _id: string;
  readonly until: Date;
}

export const LEGAL_PROCESSES = 'legal_processes';

export function createLegalProcesses<Process extends LegalProcessRecord>({ connection, read, write }: Access) {
  const collection = collectionOf<LegalProcessRecord>(connection, LEGAL_PROCESSES);
  const settings = { writeConcern: write };

  return {
    find: (_id: string): Promise<Process | null> => collection.findOne<Process>({ _id }, read),

    /** @returns false if a process with this id exists: that one stays */
    add: (process: Process): Promise<boolean> => isAdded(collection.insertOne(process, settings)),

    async end(_id: string, until: Date): Promise<void> {
      await collection.updateOne({ _id }, { $set: { until } }, settings);
    },
  };
}
