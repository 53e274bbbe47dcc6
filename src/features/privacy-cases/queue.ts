import type { Access } from '../../store/mongo/collections.ts';
import { type CaseOfKind, createPeopleCases, type FoundCase } from '../../store/mongo/repositories/people-cases.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { CaseKind, CaseText, PrivacyCase } from './cases.ts';
import { comparePositions, LATEST, type Position, rankOf } from './order.ts';
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

/** How each kind is told from the others in people's records; a kind that never stands there is left out. */
const IN_RECORDS: { readonly [Kind in CaseKind]?: CaseOfKind } = {
  SUBJECT: { from: 'SUBJECT' },
  GUARDIAN_VERIFIED: { from: 'GUARDIAN', verified: true },
};

const timesOf = ({ openedAt, dueAt }: Pick<WaitingCase, 'openedAt' | 'dueAt'>) => ({
  ...(openedAt && { openedAt }),
  ...(dueAt && { dueAt }),
});

export type Queue = ReturnType<typeof createQueue>;

/**
 * The open cases, a page at a time. Those of people and of verified guardians come first, even if there are many
 * others; within each rank the next due comes first. Pages of every length cost the same commands.
 */
export function createQueue(
  store: Access,
  reports: Pick<ChildReports, 'findWaiting' | 'textOf'>,
  texts: Pick<CaseTexts, 'find'>,
) {
  const people = createPeopleCases<PersonDocument, PrivacyCase>(store);

  const findInRecords = async (kinds: readonly CaseKind[], after: Position | null, limit: number) => {
    const ofKinds = kinds.flatMap((kind) => IN_RECORDS[kind] ?? []);
    if (ofKinds.length === 0 || (after && after[0] > 0)) return [];
    const [, due = 0, sid = '', id = ''] = after ?? [];
    const place = after && { due: new Date(due), sid, id };
    return people.findCases('OPEN', { kinds: ofKinds, latest: LATEST, after: place, limit });
  };

  const inRecord = ({ case: found, due, _id }: FoundCase<PrivacyCase>, text: CaseText | null): WaitingCase => ({
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
