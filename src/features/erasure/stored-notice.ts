import type { BlindIndex } from '../../store/derive.ts';
import type { NoticePush } from '../../store/mongo/repositories/notice-pushes.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { NoticeState } from './due.ts';
import type { Asked } from './dues.ts';

/** The notice of one recipient about one person: there is at most one for each pair, ask and purpose. */
export interface StoredNotice extends NoticeState, Asked {
  readonly _id: string;
  readonly recipient: string;
  /** The id by which the recipient knows the person; null for the end of its contract, which is of nobody. */
  readonly personId: string | null;
  /** How far it has come on its way to the recipient's webhook; missing where nothing was sent of it as it stands. */
  readonly push?: NoticePush;
  /** Its place among the events of the recipient; missing where it has none yet as it stands. */
  readonly position?: number;
}

/** Names the notice of one recipient about one person. */
export type NoticeId = (sid: SubjectId, asked: Asked & Pick<StoredNotice, 'recipient'>) => string;

export const createNoticeId =
  (blindIndex: BlindIndex): NoticeId =>
  (sid, { recipient, ask, purpose }) =>
    blindIndex('erasure notice', [recipient, sid, ...(ask === 'ERASE' ? [] : [ask, purpose])].join(' '));

type Id = StoredNotice['personId'];

/** A notice as its recipient is told it. */
export interface ToldNotice<PersonId extends Id = Id>
  extends Pick<StoredNotice, 'ask' | 'purpose' | 'categories' | 'everything' | 'at'> {
  readonly personId: PersonId;
  /** Names the notice as it stands; one that has grown since has another. */
  readonly id: string;
}

export const noticeOf = <PersonId extends Id>({
  _id,
  revision,
  personId,
  ask,
  purpose,
  categories,
  everything,
  at,
}: StoredNotice & { readonly personId: PersonId }): ToldNotice<PersonId> => ({
  // the revision is short: a longer run of digits could be the number of a card, which no argument may hold
  id: `${_id}.${revision}`,
  personId,
  ask,
  purpose,
  categories,
  everything,
  at,
});

/** A notice about a person. */
export type ErasureNotice = ToldNotice<string>;

/** The notice that an id names, as it stood; null for an id of none. */
export function readNoticeId(id: string): Pick<StoredNotice, '_id' | 'revision'> | null {
  const [, _id, revision] = /^([0-9a-f]{64})\.([1-9][0-9]{0,8})$/.exec(id) ?? [];
  return _id === undefined ? null : { _id, revision: Number(revision) };
}
