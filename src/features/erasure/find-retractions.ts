import { mergeOutbox, type PersonEntry, type PersonLedger } from '../../ledger/chain/person-chain.ts';
import type { Facts } from '../../policy/facts.ts';
import { type Vocabulary, withDerived } from '../../policy/vocabulary.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createPeopleLedgers } from '../../store/mongo/repositories/people-ledgers.ts';
import { findActs } from '../../subject/acts.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { ERASED, type PersonDocument } from '../../subject/model.ts';
import { RETRACTING_TYPES, type Retraction, retractionsIn } from '../../subject/retraction.ts';

/** An act on record that takes back data or a permission shown to recipients at smaller positions. */
export type RetractingAct = Retraction & { readonly n: number; readonly at: Date };

/** Whether an act takes back a permission, and not data itself. */
export const isStop = (act: RetractingAct): act is Extract<RetractingAct, { ask: 'STOP' }> => act.ask === 'STOP';

/** The retractions of one person. */
export interface Retractions {
  readonly acts: readonly RetractingAct[];
  /** The person's facts as they stand; those of an erased person where there is nobody. */
  readonly facts: Facts;
}

/** The same with the categories that are made from those of its scope. */
const withAllDerived = (vocabulary: Vocabulary, retraction: Retraction): Retraction =>
  retraction.ask === 'STOP' || retraction.scope === 'EVERYTHING'
    ? retraction
    : { ...retraction, scope: [...new Set(retraction.scope.flatMap((id) => withDerived(vocabulary, id)))] };

/**
 * Finds the retractions of people in two commands; erased people are found too. A person with a mended chain takes one
 * more.
 */
export function createRetractionFinder(store: Access, ledger: PersonLedger, vocabulary: Vocabulary) {
  const people = createPeopleLedgers<PersonDocument>(store);
  const types = { types: RETRACTING_TYPES };

  const actsOf = (entry: PersonEntry): RetractingAct[] =>
    retractionsIn(entry).map((retraction) => ({
      ...withAllDerived(vocabulary, retraction),
      n: entry.n,
      at: new Date(entry.at),
    }));

  return async (sids: readonly SubjectId[]): Promise<Map<SubjectId, Retractions>> => {
    // first, since an entry leaves a document only once it is in the ledger
    const persons = new Map((await people.findLedgers(sids)).map((person) => [person._id, person]));
    const settled = await ledger.find(sids, types);
    const entriesOf = async (sid: SubjectId) => {
      const person = persons.get(sid);
      if (person?.ledger.mended) return (await findActs(ledger, [person], types))[0] ?? [];
      return mergeOutbox(settled.get(sid) ?? [], person?.ledger.outbox ?? [], types);
    };
    const retractionsOf = async (sid: SubjectId): Promise<[SubjectId, Retractions]> => [
      sid,
      { acts: (await entriesOf(sid)).flatMap(actsOf), facts: persons.get(sid)?.facts ?? ERASED },
    ];
    return new Map(await Promise.all(sids.map(retractionsOf)));
  };
}
