import type { mongo } from 'mongoose';
import type { Clock } from '../base/clock.ts';
import { collectionOf, PEOPLE } from '../ledger/collections.ts';
import { append } from '../ledger/entry.ts';
import type { PersonLedger } from '../ledger/person-chain.ts';
import { planMend } from '../ledger/verify/plan-mend.ts';
import type { Store } from '../store/mongo/connection.ts';
import type { Changes } from './change.ts';
import type { SubjectId } from './identifiers.ts';
import type { PersonDocument } from './model.ts';

/** What became of a chain. */
export interface Mending {
  /** The numbers of the entries that mend it; none where nothing was to be mended. */
  readonly mends: readonly number[];
}

const ATTEMPTS = 30;

/**
 * Mends the chain of a person whose ledger holds entries that their document never had. Nothing is rewritten: every
 * entry of the ledger stays there, and every number and hash that the person was told stays good. It may be cut off and run again.
 *
 * @returns a function that gives null where there is no such person
 * @throws {UnmendableError} something was changed or removed, which no entry can mend
 */
export function createMending(services: {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly ledger: PersonLedger;
  readonly changes: Pick<Changes, 'settle'>;
  readonly clock: Clock;
}) {
  const { store, ledger, changes, clock } = services;
  const people = collectionOf<PersonDocument>(store.connection, PEOPLE);
  const options = { returnDocument: 'after', writeConcern: store.write } as const;

  /** @returns the document and the number of its mend; null for the number where nothing is to be mended */
  async function mendOnce(person: PersonDocument) {
    const { _id, revision } = person;
    const { head, outbox } = person.ledger;
    const plan = planMend(head, await ledger.findAll(_id), outbox);
    if (!plan) return { document: person, n: null };
    const at = clock.now().toISOString();
    const { entries, head: next } = append(plan.from, _id, [{ ...plan.body, at }]);
    const displaced = new Set(plan.body.displaced.map(({ hash }) => hash));
    const update = {
      $set: {
        'ledger.head': next,
        'ledger.outbox': [...outbox.filter(({ hash }) => !displaced.has(hash)), ...entries],
        'ledger.mended': true,
      },
      $inc: { revision: 1 },
    } as mongo.UpdateFilter<PersonDocument>;
    const document = (await people.findOneAndUpdate({ _id, revision }, update, options)) as PersonDocument | null;
    return { document, n: next.n };
  }

  return async (sid: SubjectId): Promise<Mending | null> => {
    const mends: number[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const person = (await people.findOne({ _id: sid }, store.read)) as PersonDocument | null;
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
