import type { Clock } from '../base/clock.ts';
import { append } from '../ledger/chain/entry.ts';
import type { PersonLedger } from '../ledger/chain/person-chain.ts';
import { planMend } from '../ledger/verify/plan-mend.ts';
import type { Access } from '../store/mongo/collections.ts';
import { createPersonRecords } from '../store/mongo/repositories/people.ts';
import type { Changes } from './change.ts';
import type { SubjectId } from './identifiers.ts';
import type { PersonDocument } from './model.ts';

/** The outcome of mending a chain. */
export interface Mending {
  /** The numbers of the entries that mend it; none where nothing was to be mended. */
  readonly mends: readonly number[];
}

const ATTEMPTS = 30;

/**
 * Mends the chain of a person when the ledger holds entries that their document never had. Nothing is rewritten: every
 * entry of the ledger stays there, and every number and hash that the person was told stays good. It may be cut off and
 * run again.
 *
 * @returns a function that gives null where there is no such person
 * @throws {UnmendableError} something was changed or removed, which no entry can mend
 */
export function createMending(services: {
  readonly store: Access;
  readonly ledger: PersonLedger;
  readonly changes: Pick<Changes, 'settle'>;
  readonly clock: Clock;
}) {
  const { store, ledger, changes, clock } = services;
  const people = createPersonRecords<PersonDocument>(store);

  /** @returns the document and the number of its mend; null for the number where nothing is to be mended */
  async function mendOnce(person: PersonDocument) {
    const { head, outbox } = person.ledger;
    const plan = planMend(head, await ledger.findAll(person._id), outbox);
    if (!plan) return { document: person, n: null };
    const at = clock.now().toISOString();
    const { entries, head: next } = append(plan.from, person._id, [{ ...plan.body, at }]);
    const displaced = new Set(plan.body.displaced.map(({ hash }) => hash));
    const waiting = [...outbox.filter(({ hash }) => !displaced.has(hash)), ...entries];
    const document = await people.mend(person, { head: next, outbox: waiting });
    return { document, n: next.n };
  }

  return async (sid: SubjectId): Promise<Mending | null> => {
    const mends: number[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const person = await people.find(sid);
      if (!person) return null;
      const { document, n } = await mendOnce(person);
      if (document && n === null) {
        await changes.settle(document);
        return { mends };
      }
      if (document && n !== null) mends.push(n);
    }
    throw new Error('Others changed the same record again and again. Try again.');
  };
}
