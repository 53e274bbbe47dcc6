import { collectionOf } from '../../ledger/collections.ts';
import { findReceived, type Received } from '../../ledger/recipients.ts';
import { groupBy } from '../../policy/group-by.ts';
import type { DataCategory } from '../../policy/vocabulary.ts';
import type { Store } from '../../store/connection.ts';
import type { BlindIndex } from '../../store/derive.ts';
import type { Pseudonyms, SubjectId } from '../../subject/identifiers.ts';

/** What one recipient has yet to erase of one person; there is one of these for any two of them. */
interface StoredNotice {
  readonly _id: string;
  readonly recipient: string;
  /** The id by which the recipient knows the person. */
  readonly personId: string;
  readonly categories: readonly DataCategory[];
  /** Whether the person is gone, and everything with them. */
  readonly everything: boolean;
  readonly pending: boolean;
  readonly at: Date;
  /** What was shown before this is erased, as the recipient said. */
  readonly settledUntil: Date | null;
}

export interface ErasureNotice extends Pick<StoredNotice, 'personId' | 'categories' | 'everything' | 'at'> {
  /** Names the notice as it stands; one that has grown since has another. */
  readonly id: string;
}

export type ErasureNotices = ReturnType<typeof createErasureNotices>;

/** What is to be erased: some categories, or the person. */
export type Scope = readonly DataCategory[] | 'EVERYTHING';

const MOST = 100;

const noticeOf = ({ _id, personId, categories, everything, at }: StoredNotice): ErasureNotice => ({
  // in base 36: a time in milliseconds has as many digits as the number of a card, which no argument may hold
  id: `${_id}.${at.getTime().toString(36)}`,
  personId,
  categories,
  everything,
  at,
});

export const ERASURE_NOTICES = 'erasure_notices';

/** Tells those who were shown something of a person that it is to be erased; they say when it is. */
export function createErasureNotices(
  store: Pick<Store, 'connection' | 'read' | 'write'>,
  blindIndex: BlindIndex,
  pseudonymsOf: (clientId: string) => Pseudonyms,
) {
  const { read } = store;
  const collection = collectionOf<StoredNotice>(store.connection, ERASURE_NOTICES);
  const settings = { writeConcern: store.write };

  const idOf = (sid: SubjectId, recipient: string) => blindIndex('erasure notice', `${recipient} ${sid}`);

  /** Of what a recipient was shown, what is to be erased and was not said to be erased yet; null for nothing. */
  const outstanding = (received: readonly Received[], scope: Scope, settledUntil: Date | null) => {
    const since = settledUntil?.toISOString() ?? '';
    const shown = new Set(received.filter(({ at }) => at >= since).flatMap(({ categories }) => categories));
    if (scope === 'EVERYTHING') return [...shown];
    const categories = scope.filter((category) => shown.has(category));
    return categories.length > 0 ? categories : null;
  };

  return {
    /** Puts a notice in place for everybody who was shown something of it. Doing it again changes nothing. */
    async notify(sid: SubjectId, scope: Scope, at: Date): Promise<void> {
      const received = groupBy(await findReceived(store, sid), ({ recipient }) => recipient);
      const ids = [...received.keys()].map((recipient) => idOf(sid, recipient));
      const known = await collection.find({ _id: { $in: ids } }, read).toArray();
      const byId = new Map(known.map((notice) => [notice._id, notice]));
      const operations = [...received].flatMap(([recipient, shown]) => {
        const _id = idOf(sid, recipient);
        const before = byId.get(_id);
        const categories = outstanding(shown, scope, before?.settledUntil ?? null);
        const everything = scope === 'EVERYTHING';
        if (categories === null || (everything && before?.everything)) return [];
        const update = {
          $addToSet: { categories: { $each: categories } },
          $set: { pending: true, at, ...(everything && { everything }) },
          $setOnInsert: {
            recipient,
            personId: pseudonymsOf(recipient).of(sid),
            settledUntil: null,
            ...(!everything && { everything }),
          },
        };
        return [{ updateOne: { filter: { _id }, update, upsert: true } }];
      });
      if (operations.length > 0) await collection.bulkWrite(operations, { ...settings, ordered: false });
    },

    /** The oldest notices that wait for a recipient. */
    async findPending(recipient: string): Promise<ErasureNotice[]> {
      const found = collection.find({ recipient, pending: true }, { ...read, sort: { at: 1, _id: 1 }, limit: MOST });
      return (await found.toArray()).map(noticeOf);
    },

    /** A recipient says that it has erased what a notice names; false where there is no such notice of theirs. */
    async acknowledge(recipient: string, id: string): Promise<boolean> {
      const [, _id, time = ''] = /^([0-9a-f]{64})\.([0-9a-z]{1,10})$/.exec(id) ?? [];
      if (_id === undefined) return false;
      const at = new Date(Number.parseInt(time, 36));
      const { matchedCount } = await collection.updateOne(
        { _id, recipient, at },
        { $set: { pending: false, categories: [], settledUntil: at } },
        settings,
      );
      return matchedCount === 1;
    },
  };
}
