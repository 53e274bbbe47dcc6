import { groupBy } from '../../base/group-by.ts';
import { shareRuns } from '../../base/shared-runs.ts';
import type { Signal } from '../../base/signal.ts';
import type { PersonLedger } from '../../ledger/chain/person-chain.ts';
import type { DisclosureEntry } from '../../ledger/disclosure/disclosure.ts';
import { findReceived, positionIn } from '../../ledger/disclosure/recipients.ts';
import type { Vocabulary } from '../../policy/vocabulary.ts';
import type { BlindIndex } from '../../store/derive.ts';
import { eachAlone, inBatches } from '../../store/each-alone.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { isUnavailable } from '../../store/mongo/connection.ts';
import { createNoticeRecords } from '../../store/mongo/repositories/erasure-notices.ts';
import { createPeopleLedgers, type Marked } from '../../store/mongo/repositories/people-ledgers.ts';
import type { Changes } from '../../subject/change.ts';
import type { Pseudonyms, SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { isDue } from './due.ts';
import { takingBack } from './dues.ts';
import { createRetractionFinder } from './find-retractions.ts';
import { createNoticePlacer } from './place-notices.ts';
import type { ShownTo } from './shown-to.ts';
import { type ErasureNotice, noticeOf, readNoticeId, type StoredNotice } from './stored-notice.ts';

export type ErasureNotices = ReturnType<typeof createErasureNotices>;

const MOST = 100;
/** The most people of one batch of notices. */
const TOGETHER = 100;

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

/** The earliest position of each person's ledger at which a partner was shown something of them. */
const firstPositions = (shown: ReturnType<typeof showingsIn>) =>
  new Map([...shown].map(([sid, showings]) => [sid, Math.min(...showings.map(({ position }) => position))]));

/**
 * Notices to partners about the data of people. A person takes something back; each partner that was shown it gets a
 * notice, and acknowledges it.
 *
 * An act is on record in the person's ledger before the gateway searches the books for disclosures. A disclosure is on
 * record in a book before the gateway searches the ledger for acts that came after the read. So one of the two searches
 * always finds the other's record, through any gateways and after any delay.
 */
export function createErasureNotices(services: {
  readonly store: Access;
  readonly ledger: PersonLedger;
  readonly changes: Pick<Changes, 'noteTold'>;
  readonly vocabulary: Vocabulary;
  readonly blindIndex: BlindIndex;
  readonly pseudonymsOf: (clientId: string) => Pseudonyms;
  readonly findShownTo: (recipients: readonly string[]) => Promise<ShownTo>;
  readonly noticesPlaced: Pick<Signal<readonly string[]>, 'tell'>;
}) {
  const { store, ledger, changes, vocabulary } = services;
  const findRetractions = createRetractionFinder(store, ledger, vocabulary);
  const people = createPeopleLedgers<PersonDocument>(store);
  const records = createNoticeRecords<StoredNotice>(store);
  const place = createNoticePlacer({ ...services, records });

  /**
   * Puts in place every notice about people that is due and is not there yet. Doing it again changes nothing. The acts of
   * a person are read only where a partner was shown something of them.
   */
  async function notify(sids: readonly SubjectId[]): Promise<void> {
    const received = await findReceived(store, sids);
    if (received.size > 0) await place(await findRetractions([...received.keys()]), received);
  }

  /** The marks were read first: an act that comes meanwhile has another, and keeps it. */
  async function notifyMarked(marked: readonly Marked[]): Promise<void> {
    await notify(marked.map(({ _id }) => _id));
    await changes.noteTold(marked.map((person) => ({ person, n: person.ledger.untold })));
  }

  /** A failure for one person delays nobody else. */
  const notifyTogether = (marked: readonly Marked[]) =>
    notifyMarked(marked).catch((error: unknown) => {
      if (isUnavailable(error)) throw error;
      return eachAlone(marked, (person) => notifyMarked([person]));
    });

  const leftovers = shareRuns(() => eachAlone(inBatches(people.findMarked(), TOGETHER), notifyTogether));

  return {
    /** Puts in place every notice about a person that is due and is not there yet. An erased person counts too. */
    async notify(sid: SubjectId): Promise<void> {
      const marked = await people.findMark(sid);
      await (marked.length > 0 ? notifyMarked(marked) : notify([sid]));
    },

    /** Puts in place the notices that these disclosures make due: acts came between the read and the record. */
    async followUp(entries: readonly DisclosureEntry[]): Promise<void> {
      const shown = showingsIn(entries);
      if (shown.size === 0) return;
      const moved = await people.findMoved(firstPositions(shown));
      if (moved.length === 0) return;
      const late = [...(await findRetractions(moved))].filter(([sid, retractions]) => {
        const acts = retractions.acts.map(takingBack);
        return shown.get(sid)?.some((showing) => isDue(showing, acts));
      });
      if (late.length === 0) return;
      const retractions = new Map(late);
      await place(retractions, await findReceived(store, [...retractions.keys()]));
    },

    /** Puts in place the notices of acts that nobody was told of yet. */
    notifyLeftovers: leftovers.run,

    /** The oldest notices that wait for a recipient. */
    async findPending(recipient: string): Promise<ErasureNotice[]> {
      return (await records.findPending(recipient, MOST)).map(noticeOf);
    },

    /** Settles a notice that its recipient has carried out. @returns false where the recipient has no such notice */
    async acknowledge(recipient: string, id: string): Promise<boolean> {
      const named = readNoticeId(id);
      return named !== null && records.settle({ ...named, recipient });
    },
  };
}
