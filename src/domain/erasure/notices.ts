import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../errors.ts';
import { collectionOf, PEOPLE, TOMBSTONES } from '../../ledger/collections.ts';
import type { DisclosureEntry } from '../../ledger/disclosure.ts';
import { isDuplicateKey } from '../../ledger/duplicate-key.ts';
import type { PersonLedger } from '../../ledger/person-chain.ts';
import { findReceived, positionIn } from '../../ledger/recipients.ts';
import { groupBy } from '../../policy/group-by.ts';
import { isUnavailable, type Store } from '../../store/connection.ts';
import type { BlindIndex } from '../../store/derive.ts';
import { eachAlone } from '../../store/each-alone.ts';
import { shareRuns } from '../../store/shared-runs.ts';
import type { Changes } from '../../subject/change.ts';
import type { Pseudonyms, SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { countDue, type Erasure, grow, isDue, type NoticeState, type Showing } from './due.ts';
import { createErasureFinder } from './erasures.ts';

/** What one recipient has yet to erase of one person; there is one of these for any two of them. */
export interface StoredNotice extends NoticeState {
  readonly _id: string;
  readonly recipient: string;
  /** The id by which the recipient knows the person. */
  readonly personId: string;
}

export interface ErasureNotice extends Pick<StoredNotice, 'personId' | 'categories' | 'everything' | 'at'> {
  /** Names the notice as it stands; one that has grown since has another. */
  readonly id: string;
}

export type ErasureNotices = ReturnType<typeof createErasureNotices>;

const MOST = 100;
/** How often notices are written that others write at the same time. */
const ATTEMPTS = 30;

const noticeOf = ({ _id, revision, personId, categories, everything, at }: StoredNotice): ErasureNotice => ({
  // the revision is short: a longer run of digits could be the number of a card, which no argument may hold
  id: `${_id}.${revision}`,
  personId,
  categories,
  everything,
  at,
});

export const ERASURE_NOTICES = 'erasure_notices';

/** What partners were shown of each person. */
const showingsIn = (entries: readonly DisclosureEntry[]) =>
  groupBy(
    entries
      .filter(({ recipientKind }) => recipientKind === 'PARTNER')
      .flatMap(({ sids, categories, ...entry }) =>
        sids.map((sid, place) => ({ sid, categories, position: positionIn(entry, place) })),
      ),
    ({ sid }) => sid,
  );

/**
 * Tells those who were shown something of a person that it is to be erased; they say when it is.
 *
 * An erasure is on record in the person's ledger before the books are searched for those who were shown something. A
 * disclosure is on record in a book before the ledger is searched for an erasure that came after it was read. So one of
 * the two always finds the other, whichever gateways they go through and however long either is held up.
 */
export function createErasureNotices(services: {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly ledger: PersonLedger;
  readonly changes: Pick<Changes, 'noteTold'>;
  readonly blindIndex: BlindIndex;
  readonly pseudonymsOf: (clientId: string) => Pseudonyms;
}) {
  const { store, ledger, changes, blindIndex, pseudonymsOf } = services;
  const { read } = store;
  const findErasures = createErasureFinder(store, ledger);
  const people = collectionOf<PersonDocument>(store.connection, PEOPLE);
  const collection = collectionOf<StoredNotice>(store.connection, ERASURE_NOTICES);
  const settings = { writeConcern: store.write };

  const idOf = (sid: SubjectId, recipient: string) => blindIndex('erasure notice', `${recipient} ${sid}`);

  /** Those of whom the ledger says more by now than when they were shown, the erased among them; in one command. */
  async function findMoved(shown: ReadonlyMap<SubjectId, readonly Showing[]>): Promise<SubjectId[]> {
    const earliest = groupBy(shown, ([, showings]) => Math.min(...showings.map(({ position }) => position)));
    const isBehind = [...earliest].map(([position, all]) => ({
      _id: { $in: all.map(([sid]) => sid) },
      'ledger.head.n': { $gt: position },
    }));
    const ids = { $project: { _id: 1 } };
    const erased = [{ $match: { _id: { $in: [...shown.keys()] } } }, ids];
    const moved = people.aggregate<{ readonly _id: SubjectId }>(
      [{ $match: { $or: isBehind } }, ids, { $unionWith: { coll: TOMBSTONES, pipeline: erased } }],
      read,
    );
    return [...new Set((await moved.toArray()).map(({ _id }) => _id))];
  }

  /** @returns false where another has written one of the notices since it was read; the others are written */
  async function write(wanted: readonly { notice: StoredNotice; before: NoticeState | null }[]): Promise<boolean> {
    if (wanted.length === 0) return true;
    const operations = wanted.map(({ notice: { _id, ...notice }, before }) => {
      if (!before) return { insertOne: { document: { _id, ...notice } } };
      const { revision, pending } = before;
      return { updateOne: { filter: { _id, revision, pending }, update: { $set: notice } } };
    });
    try {
      const { insertedCount, matchedCount } = await collection.bulkWrite(operations, { ...settings, ordered: false });
      return insertedCount + matchedCount === wanted.length;
    } catch (error) {
      if (isUnavailable(error) || !isDuplicateKey(error)) throw error;
      return false;
    }
  }

  /** Puts every notice of a person in place that these erasures make due. */
  async function put(sid: SubjectId, erasures: readonly Erasure[]): Promise<void> {
    const received = groupBy(await findReceived(store, sid), ({ recipient }) => recipient);
    const due = [...received].map(([recipient, shown]) => ({
      _id: idOf(sid, recipient),
      recipient,
      counts: countDue(shown, erasures),
    }));
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const known = await collection.find({ _id: { $in: due.map(({ _id }) => _id) } }, read).toArray();
      const byId = new Map(known.map((notice) => [notice._id, notice]));
      const wanted = due.flatMap(({ _id, recipient, counts }) => {
        const before = byId.get(_id) ?? null;
        const state = grow(before, counts, erasures);
        return state
          ? [{ before, notice: { _id, recipient, personId: pseudonymsOf(recipient).of(sid), ...state } }]
          : [];
      });
      if (await write(wanted)) return;
      await sleep(Math.random() * 4 * (attempt + 1));
    }
    throw new ApiError('CONFLICT', 'Others changed the same record at the same time. Try again.');
  }

  /**
   * Puts a notice in place for everybody who was shown something of a person that was erased since, and was not told
   * yet. Doing it again changes nothing.
   */
  async function notify(sid: SubjectId): Promise<void> {
    const { erasures = [], untold } = (await findErasures([sid])).get(sid) ?? {};
    if (erasures.length > 0) await put(sid, erasures);
    if (untold) await changes.noteTold(untold.person, untold.n);
  }

  const leftovers = shareRuns(async () => {
    const left = people.find({ 'ledger.untold': { $gt: 0 } }, { ...read, projection: { _id: 1 } });
    await eachAlone(left, ({ _id }) => notify(_id));
  });

  return {
    notify,

    /** Puts the notices in place that these disclosures, which are on record, make due: erasures were faster. */
    async followUp(entries: readonly DisclosureEntry[]): Promise<void> {
      const shown = showingsIn(entries);
      if (shown.size === 0) return;
      const moved = await findMoved(shown);
      if (moved.length === 0) return;
      const found = await findErasures(moved);
      const late = moved.filter((sid) =>
        shown.get(sid)?.some((showing) => isDue(showing, found.get(sid)?.erasures ?? [])),
      );
      await eachAlone(late, (sid) => put(sid, found.get(sid)?.erasures ?? []));
    },

    /** Puts in place what an erasure that was cut off has left untold. */
    notifyLeftovers: leftovers.run,

    /** The oldest notices that wait for a recipient. */
    async findPending(recipient: string): Promise<ErasureNotice[]> {
      const found = collection.find({ recipient, pending: true }, { ...read, sort: { at: 1, _id: 1 }, limit: MOST });
      return (await found.toArray()).map(noticeOf);
    },

    /** A recipient says that it has erased what a notice names; false where there is no such notice of theirs. */
    async acknowledge(recipient: string, id: string): Promise<boolean> {
      const [, _id, revision] = /^([0-9a-f]{64})\.([1-9][0-9]{0,8})$/.exec(id) ?? [];
      if (_id === undefined) return false;
      const { matchedCount } = await collection.updateOne(
        { _id, recipient, revision: Number(revision) },
        [{ $set: { pending: false, categories: [], settled: '$due' } }],
        settings,
      );
      return matchedCount === 1;
    },
  };
}
