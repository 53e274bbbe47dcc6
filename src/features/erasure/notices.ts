import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { ApiError } from '../../base/errors.ts';
import { groupBy } from '../../base/group-by.ts';
import { shareRuns } from '../../base/shared-runs.ts';
import { collectionOf, PEOPLE, TOMBSTONES } from '../../ledger/collections.ts';
import type { DisclosureEntry } from '../../ledger/disclosure/disclosure.ts';
import { findReceived, positionIn, type Received } from '../../ledger/disclosure/recipients.ts';
import type { PersonLedger } from '../../ledger/person-chain.ts';
import type { BlindIndex } from '../../store/derive.ts';
import { eachAlone, inBatches } from '../../store/each-alone.ts';
import { isUnavailable, type Store } from '../../store/mongo/connection.ts';
import { isDuplicateKey } from '../../store/mongo/duplicate-key.ts';
import type { Changes } from '../../subject/change.ts';
import type { Pseudonyms, SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { grow, isDue, type NoticeState, type Showing } from './due.ts';
import { type Asked, type Due, duesOf, stopsOf, takingBack } from './dues.ts';
import { createRetractionFinder, type Retractions } from './find-retractions.ts';
import type { ShownTo } from './shown-to.ts';

/** The notice of one recipient about one person: there is at most one for each pair, ask and purpose. */
export interface StoredNotice extends NoticeState, Asked {
  readonly _id: string;
  readonly recipient: string;
  /** The id by which the recipient knows the person. */
  readonly personId: string;
}

export interface ErasureNotice
  extends Pick<StoredNotice, 'personId' | 'ask' | 'purpose' | 'categories' | 'everything' | 'at'> {
  /** Names the notice as it stands; one that has grown since has another. */
  readonly id: string;
}

export type ErasureNotices = ReturnType<typeof createErasureNotices>;

const MOST = 100;
/** People of whom notices are put in place together. */
const TOGETHER = 100;
/** Attempts at writing notices that other gateways write at the same time. */
const ATTEMPTS = 30;

const noticeOf = ({ _id, revision, personId, ask, purpose, categories, everything, at }: StoredNotice) => ({
  // the revision is short: a longer run of digits could be the number of a card, which no argument may hold
  id: `${_id}.${revision}`,
  personId,
  ask,
  purpose,
  categories,
  everything,
  at,
});

export const ERASURE_NOTICES = 'erasure_notices';

/** A person with a mark: recipients may not have been told of the last act that takes something back. */
interface Marked extends Pick<PersonDocument, '_id'> {
  readonly ledger: { readonly untold: number };
}

type ReceivedOf = ReadonlyMap<SubjectId, readonly Received[]>;

/** The data that partners were shown, by person. */
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
 * Tells partners what to do with the data of a person that they were shown, once the person takes something back, and
 * takes their acknowledgement.
 *
 * An act is on record in the person's ledger before the gateway searches the books for disclosures. A disclosure is on
 * record in a book before the gateway searches the ledger for acts that came after the read. So one of the two searches
 * always finds the other's record, through any gateways and after any delay.
 */
export function createErasureNotices(services: {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly ledger: PersonLedger;
  readonly changes: Pick<Changes, 'noteTold'>;
  readonly blindIndex: BlindIndex;
  readonly pseudonymsOf: (clientId: string) => Pseudonyms;
  readonly findShownTo: (recipients: readonly string[]) => Promise<ShownTo>;
}) {
  const { store, ledger, changes, blindIndex, pseudonymsOf, findShownTo } = services;
  const { read } = store;
  const findRetractions = createRetractionFinder(store, ledger);
  const people = collectionOf<PersonDocument>(store.connection, PEOPLE);
  const collection = collectionOf<StoredNotice>(store.connection, ERASURE_NOTICES);
  const settings = { writeConcern: store.write };

  const idOf = (sid: SubjectId, { recipient, ask, purpose }: Due) =>
    blindIndex('erasure notice', [recipient, sid, ...(ask === 'ERASE' ? [] : [ask, purpose])].join(' '));

  /** Finds, in one command, the people whose ledger has grown since they were shown, and the people who are gone. */
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

  /** @returns false where another gateway has changed one of the notices since it was read; the rest is written */
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

  /** Puts in place every notice that the retractions of these people make due. */
  async function put(all: ReadonlyMap<SubjectId, Retractions>, received: ReceivedOf): Promise<void> {
    const recipients = new Set(
      [...received.values()].flatMap((ofPerson) => ofPerson.map(({ recipient }) => recipient)),
    );
    const isDecided = [...all.values()].some((retractions) => stopsOf(retractions).length > 0);
    const shownTo = await findShownTo(isDecided ? [...recipients] : []);
    const due = [...all].flatMap(([sid, retractions]) =>
      duesOf(received.get(sid) ?? [], retractions, shownTo).map((one) => ({ ...one, sid, _id: idOf(sid, one) })),
    );
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const known = await collection.find({ _id: { $in: due.map(({ _id }) => _id) } }, read).toArray();
      const byId = new Map(known.map((notice) => [notice._id, notice]));
      const wanted = due.flatMap(({ _id, sid, recipient, ask, purpose, counts, acts }) => {
        const before = byId.get(_id) ?? null;
        const state = grow(before, counts, acts);
        if (!state) return [];
        const personId = pseudonymsOf(recipient).of(sid);
        return [{ before, notice: { _id, recipient, ask, purpose, personId, ...state } }];
      });
      if (await write(wanted)) return;
      await sleep(Math.random() * 4 * (attempt + 1));
    }
    throw new ApiError('CONFLICT', 'Others changed the same record at the same time. Try again.');
  }

  /**
   * Puts in place every notice about people that is due and is not there yet. Doing it again changes nothing. The acts of
   * a person are read only where a partner was shown something of them.
   */
  async function notify(sids: readonly SubjectId[]): Promise<void> {
    const received = await findReceived(store, sids);
    if (received.size > 0) await put(await findRetractions([...received.keys()]), received);
  }

  /** The marks were read first: an act that comes meanwhile has another, and keeps it. */
  async function notifyMarked(marked: readonly Marked[]): Promise<void> {
    await notify(marked.map(({ _id }) => _id));
    await changes.noteTold(marked.map((person) => ({ person, n: person.ledger.untold })));
  }

  /** One for whom it fails keeps nobody else waiting. */
  const notifyTogether = (marked: readonly Marked[]) =>
    notifyMarked(marked).catch((error: unknown) => {
      if (isUnavailable(error)) throw error;
      return eachAlone(marked, (person) => notifyMarked([person]));
    });

  const findMarked = (filter: mongo.Filter<PersonDocument>) =>
    people.find<Marked>(filter, { ...read, projection: { 'ledger.untold': 1 } });

  const leftovers = shareRuns(() =>
    eachAlone(inBatches(findMarked({ 'ledger.untold': { $gt: 0 } }), TOGETHER), notifyTogether),
  );

  return {
    /** Puts in place every notice about a person that is due and is not there yet. An erased person counts too. */
    async notify(sid: SubjectId): Promise<void> {
      const marked = await findMarked({ _id: sid, 'ledger.untold': { $gt: 0 } }).toArray();
      await (marked.length > 0 ? notifyMarked(marked) : notify([sid]));
    },

    /** Puts in place the notices that these disclosures make due: acts came between the read and the record. */
    async followUp(entries: readonly DisclosureEntry[]): Promise<void> {
      const shown = showingsIn(entries);
      if (shown.size === 0) return;
      const moved = await findMoved(shown);
      if (moved.length === 0) return;
      const late = [...(await findRetractions(moved))].filter(([sid, retractions]) => {
        const acts = retractions.acts.map(takingBack);
        return shown.get(sid)?.some((showing) => isDue(showing, acts));
      });
      if (late.length === 0) return;
      const retractions = new Map(late);
      await put(retractions, await findReceived(store, [...retractions.keys()]));
    },

    /** Puts in place the notices of acts that nobody was told of yet. */
    notifyLeftovers: leftovers.run,

    /** The oldest notices that wait for a recipient. */
    async findPending(recipient: string): Promise<ErasureNotice[]> {
      const found = collection.find({ recipient, pending: true }, { ...read, sort: { at: 1, _id: 1 }, limit: MOST });
      return (await found.toArray()).map(noticeOf);
    },

    /** A recipient has done what a notice asks. @returns false where the recipient has no such notice */
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
