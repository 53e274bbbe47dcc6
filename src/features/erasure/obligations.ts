import type { Clock } from '../../base/clock.ts';
import { DAY } from '../../base/durations.ts';
import type { Policy } from '../../policy/clause.ts';
import type { DataCategory } from '../../policy/vocabulary.ts';
import type { createNoticeRecords } from '../../store/mongo/repositories/erasure-notices.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { NoticeId, StoredNotice } from './stored-notice.ts';

/** A recipient, and a person. The recipient was shown data of the person. */
export interface Showed {
  readonly recipient: string;
  readonly sid: SubjectId;
}

/** The data of one person that one recipient is asked to erase and has not said to have erased. */
export interface AskedErasure {
  readonly categories: readonly DataCategory[];
  readonly askedAt: Date;
  readonly dueAt: Date;
}

/** The erasures that one recipient has not acknowledged in time. */
export interface OverdueErasures {
  /** The client id. */
  readonly recipient: string;
  readonly people: number;
  readonly oldestDueAt: Date;
}

const ERASE = { ask: 'ERASE', purpose: null } as const;

/** When a notice is to be acknowledged at the latest; null for one that asks for no erasure. */
export const dueUnder =
  ({ erasureDays }: Pick<Policy, 'erasureDays'>) =>
  ({ ask, since }: Pick<StoredNotice, 'ask' | 'since'>): Date | null =>
    ask === 'ERASE' ? new Date(since.getTime() + erasureDays * DAY) : null;

export type Obligations = ReturnType<typeof createObligations>;

/** The notices that recipients have yet to carry out, each with its deadline. The current policy sets the deadline. */
export function createObligations(services: {
  readonly records: Pick<ReturnType<typeof createNoticeRecords<StoredNotice>>, 'find' | 'findWaitingSince'>;
  readonly idOf: NoticeId;
  readonly policy: Pick<Policy, 'erasureDays'>;
  readonly clock: Clock;
}) {
  const { records, idOf, policy, clock } = services;
  const span = policy.erasureDays * DAY;

  return {
    /** By recipient, in the order of client ids: one command. */
    async findOverdue(): Promise<OverdueErasures[]> {
      const found = await records.findWaitingSince('ERASE', new Date(clock.now().getTime() - span));
      return found.map(({ _id, notices, since }) => ({
        recipient: _id,
        people: notices,
        oldestDueAt: new Date(since.getTime() + span),
      }));
    },

    /** One for each pair, in their order, by one command; null where nothing is asked. */
    async findAsked(pairs: readonly Showed[]): Promise<(AskedErasure | null)[]> {
      const ids = pairs.map(({ recipient, sid }) => idOf(sid, { recipient, ...ERASE }));
      const found = new Map((await records.find(ids)).map((notice) => [notice._id, notice]));
      return ids.map((id) => {
        const notice = found.get(id);
        const dueAt = notice?.pending ? dueUnder(policy)(notice) : null;
        return notice && dueAt ? { categories: notice.categories, askedAt: notice.since, dueAt } : null;
      });
    },
  };
}
