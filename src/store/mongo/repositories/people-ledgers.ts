import { groupBy } from '../../../base/group-by.ts';
import { type Access, collectionOf, PEOPLE, TOMBSTONES } from '../collections.ts';

/** The parts of a person's document about their ledger. */
interface LedgerHolder {
  readonly _id: string;
  readonly facts: object;
  readonly ledger: { readonly outbox: readonly object[]; readonly mended?: true; readonly untold?: number };
}

/** A person with a mark: recipients may not know yet of the last act that withdraws or erases. */
export interface Marked {
  readonly _id: string;
  readonly ledger: { readonly untold: number };
}

/** The part of a person's document about the ledger, and the facts of decisions: no personal value is read. */
const OF_LEDGER = { facts: 1, 'ledger.outbox': 1, 'ledger.mended': 1 } as const;
const MARK = { 'ledger.untold': 1 } as const;
const MARKED = { 'ledger.untold': { $gt: 0 } };
const ID = { _id: 1 } as const;

/** Searches of people by the state of their ledgers. */
export function createPeopleLedgers<Person extends LedgerHolder>({
  connection,
  read,
}: Pick<Access, 'connection' | 'read'>) {
  const people = collectionOf<LedgerHolder>(connection, PEOPLE);

  return {
    findLedgers: (sids: readonly string[]): Promise<Pick<Person, '_id' | 'facts' | 'ledger'>[]> =>
      people
        .find<Pick<Person, '_id' | 'facts' | 'ledger'>>({ _id: { $in: sids } }, { ...read, projection: OF_LEDGER })
        .toArray(),

    findMarked: (): AsyncIterable<Marked> => people.find<Marked>(MARKED, { ...read, projection: MARK }),

    /** The person, if they have a mark; else nobody. */
    findMark: (sid: string): Promise<Marked[]> =>
      people.find<Marked>({ _id: sid, ...MARKED }, { ...read, projection: MARK }).toArray(),

    /**
     * Finds, in one command, people with a ledger beyond a position, and people no longer on record.
     *
     * @param positions  one position per person
     */
    async findMoved(positions: ReadonlyMap<string, number>): Promise<string[]> {
      const isBehind = [...groupBy(positions, ([, position]) => position)].map(([position, all]) => ({
        _id: { $in: all.map(([sid]) => sid) },
        'ledger.head.n': { $gt: position },
      }));
      const erased = [{ $match: { _id: { $in: [...positions.keys()] } } }, { $project: ID }];
      const moved = people.aggregate<{ readonly _id: string }>(
        [{ $match: { $or: isBehind } }, { $project: ID }, { $unionWith: { coll: TOMBSTONES, pipeline: erased } }],
        read,
      );
      return [...new Set((await moved.toArray()).map(({ _id }) => _id))];
    },
  };
}
