import { createPersonLedger, type PersonEntry } from '../ledger/chain/person-chain.ts';
import { collectionOf, PEOPLE } from '../store/mongo/collections.ts';
import { findActs } from '../subject/acts.ts';
import type { PersonDocument, Seal } from '../subject/model.ts';
import type { Step } from './step.ts';

/**
 * The ground of an account's seal, from its ledger; null if the ledger has none.
 *
 * @param acts  the person's, newest first
 */
export function sealFrom(acts: readonly PersonEntry[]): Seal | null {
  const at = acts.findIndex(({ type }) => type === 'SEALING');
  const sealing = acts[at];
  if (sealing?.type !== 'SEALING') return null;
  const before = acts.slice(at).find(({ type }) => type === 'REFUSAL' || type === 'ACCEPTANCE');
  const isFirst = acts.filter(({ type }) => type === 'SEALING').length === 1;
  return {
    by: sealing.learnedBy,
    was: before?.type === 'REFUSAL' ? 'REFUSED' : 'ACTIVE',
    isTheirsToLift: isFirst && sealing.learnedBy === 'CORRECTION',
  };
}

/** Each seal names its ground, so that it can be lifted. */
export const nameSeals: Step = {
  id: 'seals-2026-12',
  says: 'Sealed accounts name the ground of their seal, and the status before it.',
  run: async ({ store }) => {
    const people = collectionOf<PersonDocument>(store.connection, PEOPLE);
    const ledger = createPersonLedger(store);
    let changed = 0;
    for await (const person of people.find(
      { 'facts.status': 'SEALED', seal: { $exists: false } } as never,
      store.read,
    )) {
      const [acts = []] = await findActs(ledger, [person], { types: ['SEALING', 'REFUSAL', 'ACCEPTANCE'] });
      const seal = sealFrom(acts);
      if (!seal) continue;
      await people.updateOne(
        { _id: person._id, revision: person.revision },
        { $set: { seal }, $inc: { revision: 1 } } as never,
        { writeConcern: store.write },
      );
      changed += 1;
    }
    return changed;
  },
};
