import { collectionOf, PEOPLE } from '../../ledger/collections.ts';
import { isTold, mergeOutbox, type PersonLedger, TOLD_TYPES } from '../../ledger/person-chain.ts';
import type { Store } from '../../store/connection.ts';
import { findActs } from '../../subject/acts.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { type Erasure, erasureOf } from './due.ts';

/** The erasures of one person. */
export interface Erasures {
  readonly erasures: readonly Erasure[];
  /** The last entry that recipients may not have been told of, with its person; null where they were told. */
  readonly untold: { readonly person: Pick<PersonDocument, '_id' | 'publicId'>; readonly n: number } | null;
}

/** The part of a person's document about the ledger: nothing personal is read. */
type LedgerOfPerson = Pick<PersonDocument, '_id' | 'publicId' | 'ledger'>;
const OF_LEDGER = { publicId: 1, 'ledger.outbox': 1, 'ledger.untold': 1, 'ledger.mended': 1 } as const;

/**
 * Finds the erasures in the ledgers of people, also of people who are gone, in two commands. A person with a mended chain
 * takes one more.
 */
export function createErasureFinder({ connection, read }: Pick<Store, 'connection' | 'read'>, ledger: PersonLedger) {
  const people = collectionOf<PersonDocument>(connection, PEOPLE);
  const types = { types: TOLD_TYPES };

  return async (sids: readonly SubjectId[]): Promise<Map<SubjectId, Erasures>> => {
    // first, since an entry leaves a document only once it is in the ledger
    const found = people.find<LedgerOfPerson>({ _id: { $in: sids } }, { ...read, projection: OF_LEDGER });
    const persons = new Map((await found.toArray()).map((person) => [person._id, person]));
    const settled = await ledger.find(sids, types);
    const actsOf = async (sid: SubjectId) => {
      const person = persons.get(sid);
      if (person?.ledger.mended) return (await findActs(ledger, [person], types))[0] ?? [];
      return mergeOutbox(settled.get(sid) ?? [], person?.ledger.outbox ?? [], types);
    };
    const erasuresOf = async (sid: SubjectId): Promise<[SubjectId, Erasures]> => {
      const erasures = (await actsOf(sid)).filter(isTold).map(erasureOf);
      const person = persons.get(sid);
      const untold = person?.ledger.untold;
      return [sid, { erasures, untold: person && untold !== undefined ? { person, n: untold } : null }];
    };
    return new Map(await Promise.all(sids.map(erasuresOf)));
  };
}
