import { collectionOf, PEOPLE } from '../../ledger/collections.ts';
import type { Store } from '../../store/mongo/connection.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { CaseKind, CaseText, PrivacyCase } from './cases.ts';
import { beyond, comparePositions, dueIn, type Position, rankOf } from './order.ts';
import type { ChildReports, Report, ReportKind } from './reports.ts';
import type { CaseTexts } from './texts.ts';

/** A case that waits for the privacy officer. */
export interface WaitingCase {
  readonly id: string;
  readonly kind: CaseKind;
  /** Left out where the record does not know. */
  readonly openedAt?: Date;
  readonly dueAt?: Date;
  /** The person that has the case on record; null for a report. */
  readonly sid: SubjectId | null;
  readonly text: CaseText | null;
  readonly position: Position;
}

export interface QueuePage {
  readonly cases: readonly WaitingCase[];
  readonly hasNextPage: boolean;
}

/** A case in the record of somebody, as the database tells it. */
interface FoundCase {
  readonly _id: SubjectId;
  readonly case: PrivacyCase;
  readonly due: Date;
}

/** How each kind is told from the others in people's records; a kind that never stands there is left out. */
const IN_RECORDS: { readonly [Kind in CaseKind]?: object } = {
  SUBJECT: { 'case.from': 'SUBJECT' },
  GUARDIAN_VERIFIED: { 'case.from': 'GUARDIAN', 'case.verified': true },
};

const timesOf = ({ openedAt, dueAt }: Pick<WaitingCase, 'openedAt' | 'dueAt'>) => ({
  ...(openedAt && { openedAt }),
  ...(dueAt && { dueAt }),
});

export type Queue = ReturnType<typeof createQueue>;

/**
 * The open cases, a page at a time: those of people and of verified guardians first, whatever else there is, and of
 * each rank the next due first. A page costs the same commands however long it is.
 */
export function createQueue(
  { connection, read }: Pick<Store, 'connection' | 'read'>,
  reports: Pick<ChildReports, 'findWaiting' | 'textOf'>,
  texts: Pick<CaseTexts, 'find'>,
) {
  const people = collectionOf<PersonDocument>(connection, PEOPLE);

  const findInRecords = async (kinds: readonly CaseKind[], after: Position | null, limit: number) => {
    const ofKinds = kinds.flatMap((kind) => IN_RECORDS[kind] ?? []);
    if (ofKinds.length === 0 || (after && after[0] > 0)) return [];
    return people
      .aggregate<FoundCase>(
        [
          { $match: { 'facts.privacyCases': { $elemMatch: { status: 'OPEN' } } } },
          { $project: { case: '$facts.privacyCases' } },
          { $unwind: '$case' },
          { $match: { 'case.status': 'OPEN', $or: ofKinds } },
          { $addFields: { due: dueIn('$case.dueAt') } },
          { $match: after ? beyond(after, ['due', '_id', 'case.id']) : {} },
          { $sort: { due: 1, _id: 1, 'case.id': 1 } },
          { $limit: limit },
        ],
        read,
      )
      .toArray();
  };

  const inRecord = ({ case: found, due, _id }: FoundCase, text: CaseText | null): WaitingCase => ({
    id: found.id,
    kind: found.from === 'SUBJECT' ? 'SUBJECT' : 'GUARDIAN_VERIFIED',
    ...timesOf(found),
    sid: _id,
    text,
    position: [0, due.getTime(), _id, found.id],
  });

  const reported = (report: Report): WaitingCase => ({
    id: report.case,
    kind: report.kind,
    ...timesOf(report),
    sid: null,
    text: reports.textOf(report),
    position: [rankOf(report.kind), report.due.getTime(), report._id, ''],
  });

  return {
    async find(kinds: readonly CaseKind[], after: Position | null, limit: number): Promise<QueuePage> {
      const ofReports = kinds.filter((kind): kind is ReportKind => kind !== 'SUBJECT');
      const [records, others] = await Promise.all([
        findInRecords(kinds, after, limit + 1),
        reports.findWaiting(ofReports, after, limit + 1),
      ]);
      const written = await texts.find(records.map(({ _id, case: { id, from } }) => ({ sid: _id, id, from })));
      const all = [...records.map((found, index) => inRecord(found, written[index] ?? null)), ...others.map(reported)];
      const cases = all.sort((a, b) => comparePositions(a.position, b.position)).slice(0, limit);
      return { cases, hasNextPage: all.length > limit };
    },
  };
}
