import { groupBy } from '../../base/group-by.ts';
import { type Access, DISCLOSURE_BOOKS } from '../../store/mongo/collections.ts';
import { createBookDocuments } from '../../store/mongo/repositories/books.ts';
import { createDisclosures, type DisclosureRow } from '../../store/mongo/repositories/disclosures.ts';
import type { BookDocument } from '../book/book-document.ts';
import type { DisclosureEntry } from './disclosure-entry.ts';
import { type DisclosurePosition, disclosureId, parseDisclosureId } from './disclosure-position.ts';

/** A disclosure to a third party about one person. */
export interface Disclosure extends Omit<DisclosureEntry, 'sids' | 'positions'> {
  readonly sid: string;
  /** `<book>.<n>.<i>.<j>`, the same for ever. */
  readonly id: string;
  readonly position: DisclosurePosition;
  /** The hash of the document of the book that holds it. */
  readonly hash: string;
}

export interface DisclosureSelection {
  readonly limitPerPerson: number;
  /** A disclosure that a legal process keeps from the person until after this instant is left out. */
  readonly now: Date;
  /** Only disclosures before this position, for the next page of one person. */
  readonly before?: DisclosurePosition;
}

type Row = DisclosureRow<DisclosureEntry>;

// field by field: copying an object that was copied itself takes twenty times as long, and a page has hundreds of them
const disclosureOf = ({ _id: { book, n }, at, hash, i, j, sid, entry }: Row): Disclosure => ({
  id: disclosureId({ book, n, i, j }),
  sid,
  position: { at, book, n, i },
  hash,
  recipientKind: entry.recipientKind,
  recipient: entry.recipient,
  purpose: entry.purpose,
  clauses: entry.clauses,
  categories: entry.categories,
  policyVersion: entry.policyVersion,
  at: entry.at,
  requestId: entry.requestId,
  tokenId: entry.tokenId,
  ...(entry.visibleFrom !== undefined && { visibleFrom: entry.visibleFrom }),
  ...(entry.legalProcess !== undefined && { legalProcess: entry.legalProcess }),
});

/**
 * How many documents are read for several people at once. A recipient that is shown a page of people is shown all of
 * them in one document, so that a few documents hold the newest disclosures of everybody.
 */
const TOGETHER = 40;

/** Whether the person may learn of it: the same as the search for rows asks. */
const isVisible = ({ visibleFrom = '' }: DisclosureEntry, now: Date) => visibleFrom <= now.toISOString();

/** The disclosures in a document about these people, newest first. */
const disclosuresIn = (document: BookDocument<DisclosureEntry>, sids: ReadonlySet<string>, now: Date): Disclosure[] => {
  if (document.type !== 'ENTRIES') return [];
  const { _id, at, hash, entries } = document;
  const found: Disclosure[] = [];
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i] as DisclosureEntry;
    if (!isVisible(entry, now)) continue;
    entry.sids.forEach((sid, j) => {
      if (sids.has(sid)) found.push(disclosureOf({ _id, at, hash, i, j, sid, entry }));
    });
  }
  return found;
};

/** The disclosures to third parties that each person may see about themself. */
export function createDisclosureView(store: Access) {
  const books = createBookDocuments<BookDocument<DisclosureEntry>>(store, DISCLOSURE_BOOKS);
  const disclosures = createDisclosures<DisclosureEntry, BookDocument<DisclosureEntry>>(store);

  /** Reads the disclosures of each person from the index, even if the documents tell of many others. */
  const findOneByOne = async (sids: readonly string[], { limitPerPerson, now, before }: DisclosureSelection) => {
    const asked = { limit: limitPerPerson, now: now.toISOString(), ...(before && { before }) };
    const rows = await disclosures.findRows(sids, asked);
    return groupBy(rows.map(disclosureOf), ({ sid }) => sid);
  };

  /** Finds the disclosures of all of them in the newest documents; people with too few there are asked for alone. */
  const findTogether = async (sids: readonly string[], selection: DisclosureSelection) => {
    const { limitPerPerson, now } = selection;
    const wanted = new Set(sids);
    const documents = await disclosures.findNewest(sids, TOGETHER);
    const together = groupBy(
      documents.flatMap((document) => disclosuresIn(document, wanted, now)),
      ({ sid }) => sid,
    );
    const oldest = documents.at(-1);
    const isShort = (sid: string) => (together.get(sid)?.length ?? 0) < limitPerPerson;
    const short = documents.length === TOGETHER ? sids.filter(isShort) : [];
    const older = await findOneByOne(short, {
      ...selection,
      ...(oldest && { before: { at: oldest.at, ...oldest._id, i: 0 } }),
    });
    return new Map(
      sids.flatMap((sid) => {
        const found = [...(together.get(sid) ?? []), ...(older.get(sid) ?? [])];
        return found.length === 0 ? [] : [[sid, found.slice(0, limitPerPerson)]];
      }),
    );
  };

  return {
    /**
     * The disclosures of each person, newest first, in at most two commands; people without any are left out.
     *
     * @param sids  up to two hundred, so that the index gives the order
     */
    find(sids: readonly string[], selection: DisclosureSelection): Promise<Map<string, Disclosure[]>> {
      const people = [...new Set(sids)];
      if (selection.limitPerPerson === 0) return Promise.resolve(new Map());
      const several = people.length > 1 && selection.before === undefined;
      return several ? findTogether(people, selection) : findOneByOne(people, selection);
    },

    /** One disclosure of a person by its id; null where it is not one of theirs, or not yet theirs to see. */
    async findOne(sid: string, id: string, now: Date): Promise<Disclosure | null> {
      const place = parseDisclosureId(id);
      if (!place) return null;
      const { book, n, i, j } = place;
      const document = await books.find({ book, n });
      const found = document?.type === 'ENTRIES' ? document.entries[i] : undefined;
      if (!document || found?.sids[j] !== sid || !isVisible(found, now)) return null;
      return disclosureOf({ ...document, i, j, sid, entry: found });
    },
  };
}
