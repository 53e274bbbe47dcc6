import { type Access, collectionOf, PEOPLE } from '../collections.ts';
import { placesAfter } from '../places-after.ts';

/** The parts of a case in a person's record for its commands. */
interface CaseInRecord {
  readonly id: string;
  readonly status: string;
  readonly from: string;
  readonly verified?: boolean;
  readonly dueAt?: Date;
}

/** A person's case, and the time that orders it. */
export interface FoundCase<Case extends CaseInRecord> {
  readonly _id: string;
  readonly case: Case;
  readonly due: Date;
}

/** The values that distinguish a kind of case. */
export type CaseOfKind = Pick<CaseInRecord, 'from' | 'verified'>;

export interface CasesAsked {
  /** At least one. */
  readonly kinds: readonly CaseOfKind[];
  /** The place in the order for cases without a day. */
  readonly latest: Date;
  /** The place of the case before the page; null for the first page. */
  readonly after: { readonly due: Date; readonly sid: string; readonly id: string } | null;
  readonly limit: number;
}

const isOfKind = ({ from, verified }: CaseOfKind) => ({
  'case.from': from,
  ...(verified !== undefined && { 'case.verified': verified }),
});

const isAfter = ({ due, sid, id }: NonNullable<CasesAsked['after']>) =>
  placesAfter([
    ['due', due],
    ['_id', sid],
    ['case.id', id],
  ]);

/** Searches of people by the cases in their records. */
export function createPeopleCases<Person extends { readonly _id: string }, Case extends CaseInRecord>({
  connection,
  read,
}: Pick<Access, 'connection' | 'read'>) {
  const people = collectionOf<{ readonly _id: string }>(connection, PEOPLE);

  return {
    /** The person with a case of this id; if there are several, one whose case has this status. */
    findHolder: (id: string, status?: Case['status']): Promise<Person | null> =>
      people.findOne<Person>(
        { 'facts.privacyCases': { $elemMatch: { id, ...(status !== undefined && { status }) } } },
        read,
      ),

    /** The cases of a status, the next due first, in one command for any number of people. */
    findCases: (status: Case['status'], { kinds, latest, after, limit }: CasesAsked): Promise<FoundCase<Case>[]> =>
      people
        .aggregate<FoundCase<Case>>(
          [
            { $match: { 'facts.privacyCases': { $elemMatch: { status } } } },
            { $project: { case: '$facts.privacyCases' } },
            { $unwind: '$case' },
            { $match: { 'case.status': status, $or: kinds.map(isOfKind) } },
            { $addFields: { due: { $cond: [{ $eq: [{ $type: '$case.dueAt' }, 'date'] }, '$case.dueAt', latest] } } },
            { $match: after ? isAfter(after) : {} },
            { $sort: { due: 1, _id: 1, 'case.id': 1 } },
            { $limit: limit },
          ],
          read,
        )
        .toArray(),
  };
}
