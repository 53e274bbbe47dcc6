import { collectionOf, PEOPLE } from '../store/mongo/collections.ts';
import { LEGAL_PROCESSES } from '../store/mongo/repositories/legal-processes.ts';
import type { PersonDocument } from '../subject/model.ts';
import type { Step } from './step.ts';

interface KindOfProcess {
  readonly _id: string;
  readonly sid: string | null;
  readonly kind: string;
}

/** Conditions ask for kinds of legal process, and the processes among a person's facts did not hold theirs. */
export const tellKindsOfProcesses: Step = {
  id: 'process-kinds-2026-12',
  says: 'Legal processes among the facts of a person tell their kind.',
  run: async ({ store: { connection, read, write } }) => {
    const people = collectionOf<PersonDocument>(connection, PEOPLE);
    const processes = collectionOf<KindOfProcess>(connection, LEGAL_PROCESSES);
    let changed = 0;
    for await (const { _id: id, sid, kind } of processes.find({ sid: { $ne: null } }, read)) {
      const unkind = { $elemMatch: { id, kind: { $exists: false } } };
      const { modifiedCount } = await people.updateOne(
        { _id: sid as PersonDocument['_id'], 'facts.legalProcesses': unkind } as object,
        { $set: { 'facts.legalProcesses.$.kind': kind } as object },
        { writeConcern: write },
      );
      changed += modifiedCount;
    }
    return changed;
  },
};
