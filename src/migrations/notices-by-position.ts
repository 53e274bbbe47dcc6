import { countDue, type TakingBack } from '../features/erasure/due.ts';
import { createRetractionFinder, isStop } from '../features/erasure/find-retractions.ts';
import { createErasureNotices } from '../features/erasure/notices.ts';
import type { StoredNotice } from '../features/erasure/stored-notice.ts';
import type { BookDocument } from '../ledger/book/book-document.ts';
import { createPersonLedger, type PersonEntry, type PersonEntryType } from '../ledger/chain/person-chain.ts';
import type { DisclosureEntry } from '../ledger/disclosure/disclosure-entry.ts';
import type { Received } from '../ledger/disclosure/recipients.ts';
import { loadPolicy } from '../policy/load.ts';
import { REFERENCE_BUNDLE } from '../policy/reference.ts';
import { type DataCategory, NO_CATEGORIES } from '../policy/vocabulary.ts';
import { createBlindIndex } from '../store/derive.ts';
import { collectionOf, DISCLOSURE_BOOKS, PEOPLE, PERSON_LEDGER } from '../store/mongo/collections.ts';
import { ERASURE_NOTICES } from '../store/mongo/repositories/erasure-notices.ts';
import { partnerPseudonyms, type SubjectId } from '../subject/identifiers.ts';
import type { PersonDocument } from '../subject/model.ts';
import type { MigrationTools, Step } from './step.ts';

/** A notice of the earlier form: times decide its extent. */
export interface NoticeByTime {
  readonly _id: string;
  readonly recipient: string;
  readonly personId: string;
  readonly categories: readonly DataCategory[];
  readonly everything: boolean;
  readonly pending: boolean;
  readonly at: Date;
  /** The recipient has erased all data that it was shown before this time. */
  readonly settledUntil: Date | null;
}

/** One disclosure to the recipient of a notice, with its time: ISO 8601, UTC, milliseconds. */
export interface ShownAt extends Received {
  readonly at: string;
}

/**
 * The same notice by positions. Data that was shown and erased before the recipient's acknowledgement stays settled.
 * The categories of a pending notice stay outstanding, even if the books hold no disclosure of them.
 */
export function byPosition(
  notice: NoticeByTime,
  shown: readonly ShownAt[],
  erasures: readonly TakingBack[],
): StoredNotice {
  const { settledUntil, ...kept } = notice;
  const before = (until: Date) =>
    countDue(
      shown.filter(({ at }) => at < until.toISOString()),
      erasures.filter(({ at }) => at <= until),
    );
  const settled = settledUntil ? before(settledUntil) : {};
  const all = countDue(shown, erasures);
  const outstanding = [...kept.categories, ...(kept.everything ? (['EVERYTHING'] as const) : [])].map(
    (key) => [key, Math.max(all[key] ?? 0, (settled[key] ?? 0) + 1)] as const,
  );
  const due = { ...settled, ...Object.fromEntries(kept.pending ? outstanding : []) };
  return { ...kept, since: kept.at, ask: 'ERASE', purpose: null, revision: 1, due, settled };
}

/** All disclosures of a person to a partner. */
async function findShown({ store }: MigrationTools, sid: SubjectId, recipient: string): Promise<ShownAt[]> {
  const books = collectionOf<BookDocument<DisclosureEntry>>(store.connection, DISCLOSURE_BOOKS);
  const shown: ShownAt[] = [];
  for await (const document of books.find({ 'entries.sids': sid }, { sort: { at: -1, _id: -1 } }))
    for (const entry of document.type === 'ENTRIES' ? document.entries : [])
      if (entry.recipientKind === 'PARTNER' && entry.recipient === recipient && entry.sids.includes(sid))
        shown.push({ ...entry, position: 0, times: 1 });
  return shown;
}

/** The people with an erasure in their ledger. A person with entries that still wait for the ledger may come twice. */
async function* findErased({ store: { connection } }: MigrationTools): AsyncGenerator<SubjectId> {
  const types = { $in: ['DELETION', 'ERASURE'] satisfies PersonEntryType[] };
  let last: SubjectId | null = null;
  const entries = collectionOf<PersonEntry>(connection, PERSON_LEDGER).find({ type: types });
  for await (const { sid } of entries.sort({ sid: 1, n: 1 }).project<{ sid: SubjectId }>({ sid: 1 })) {
    if (sid !== last) yield sid;
    last = sid;
  }
  const waiting = collectionOf<PersonDocument>(connection, PEOPLE).find({
    'ledger.outbox.n': { $gt: 0 },
    'ledger.outbox.type': types,
  });
  for await (const { _id } of waiting.project<{ _id: SubjectId }>({ _id: 1 })) yield _id;
}

/** Searches the books person by person while no gateway runs: some of the earlier form may not be followed yet. */
export const orderNoticesByPosition: Step = {
  id: 'erasure-notices-by-position',
  says: 'Notices of erasure go by positions in ledgers instead of times; lost notices are restored.',
  run: async (tools) => {
    const { store, sharedSecret } = tools;
    const ledger = createPersonLedger(store);
    const pseudonymsOf = partnerPseudonyms(sharedSecret);
    const { vocabulary } = (await loadPolicy(REFERENCE_BUNDLE)).policy;
    const findRetractions = createRetractionFinder(store, ledger, vocabulary);
    const notices = collectionOf<StoredNotice>(store.connection, ERASURE_NOTICES);
    const byTime = { revision: { $exists: false } };
    let changed = 0;
    for await (const found of notices.find(byTime)) {
      const notice = found as unknown as NoticeByTime;
      const sid = pseudonymsOf(notice.recipient).open(notice.personId);
      if (sid === null) throw new Error(`The notice ${notice._id} names nobody.`);
      const { acts = [] } = (await findRetractions([sid])).get(sid) ?? {};
      const erasures = acts.filter((act) => !isStop(act));
      const shown = await findShown(tools, sid, notice.recipient);
      const { _id, ...replacement } = byPosition(notice, shown, erasures);
      await notices.replaceOne({ _id, ...byTime }, replacement, { writeConcern: store.write });
      changed += 1;
    }
    const { notify } = createErasureNotices({
      ...{ store, ledger, vocabulary, pseudonymsOf, blindIndex: createBlindIndex(sharedSecret) },
      // the earlier form has no marks of untold erasures
      changes: { noteTold: async () => {} },
      // no act of the earlier form asked a partner to stop
      findShownTo: async () => () => () => NO_CATEGORIES,
      // the migration sends no notices
      noticesPlaced: { tell: () => {} },
    });
    for await (const sid of findErased(tools)) await notify(sid);
    return changed;
  },
};
