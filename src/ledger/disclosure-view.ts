import type { mongo } from 'mongoose';
import { groupBy } from '../policy/group-by.ts';
import type { Store } from '../store/connection.ts';
import type { BookDocument, Place } from './book-document.ts';
import { collectionOf, DISCLOSURE_BOOKS } from './collections.ts';
import type { DisclosureEntry } from './disclosure-entry.ts';
import { type DisclosurePosition, disclosureId, parseDisclosureId } from './disclosure-position.ts';

/** What a third party was shown of one person. */
export interface Disclosure extends Omit<DisclosureEntry, 'sids'> {
  readonly sid: string;
  /** `<book>.<n>.<i>.<j>`, the same for ever. */
  readonly id: string;
  readonly position: DisclosurePosition;
}

export interface DisclosureSelection {
  readonly limitPerPerson: number;
  /** What a legal process lets the person know only after this instant is left out. */
  readonly now: Date;
  /** Only what stands before this position, for the next page of one person. */
  readonly before?: DisclosurePosition;
}

interface Row {
  readonly _id: Place;
  readonly at: string;
  /** The place of the entry in its document. */
  readonly i: number;
  /** The place of the person in the entry. */
  readonly j: number;
  readonly sid: string;
  readonly entry: Omit<DisclosureEntry, 'sids'>;
}

const disclosureOf = ({ _id: { book, n }, at, i, j, sid, entry }: Row): Disclosure => ({
  ...entry,
  sid,
  id: disclosureId({ book, n, i, j }),
  position: { at, book, n, i },
});

const olderThan = ({ at, book, n, i }: DisclosurePosition) => ({
  $or: [{ at: { $lt: at } }, { at, _id: { $lt: { book, n } } }, { at, _id: { book, n }, i: { $lt: i } }],
});

/** One person's disclosures, newest first. The index gives the order, so that only as much is read as is asked for. */
const pipelineOf = (sid: string, { limitPerPerson, now, before }: DisclosureSelection): mongo.BSON.Document[] => {
  const entryAt = { $arrayElemAt: ['$entries', '$$i'] };
  const visible = { $lte: [{ $ifNull: ['$$entry.visibleFrom', ''] }, now.toISOString()] };
  const shown = { $and: [{ $in: [sid, '$$entry.sids'] }, visible] };
  return [
    { $match: { 'entries.sids': sid, ...(before && { at: { $lte: before.at } }) } },
    { $sort: { at: -1, _id: -1 } },
    {
      $project: {
        at: 1,
        entries: 1,
        i: {
          $filter: {
            input: { $range: [{ $subtract: [{ $size: '$entries' }, 1] }, -1, -1] },
            as: 'i',
            cond: { $let: { vars: { entry: entryAt }, in: shown } },
          },
        },
      },
    },
    { $unwind: '$i' },
    ...(before ? [{ $match: olderThan(before) }] : []),
    { $limit: limitPerPerson },
    { $set: { sid: { $literal: sid }, entry: { $arrayElemAt: ['$entries', '$i'] } } },
    { $set: { j: { $indexOfArray: ['$entry.sids', sid] } } },
    { $unset: ['entries', 'entry.sids'] },
  ];
};

/** What each person may see of what third parties were shown of them. */
export function createDisclosureView({ connection, read }: Pick<Store, 'connection' | 'read'>) {
  const collection = collectionOf<BookDocument<DisclosureEntry>>(connection, DISCLOSURE_BOOKS);

  return {
    /** The disclosures of each person, newest first, in one command; people without any are left out. */
    async find(sids: readonly string[], selection: DisclosureSelection): Promise<Map<string, Disclosure[]>> {
      const [first, ...others] = [...new Set(sids)].map((sid) => pipelineOf(sid, selection));
      if (!first) return new Map();
      const unions = others.map((pipeline) => ({ $unionWith: { coll: DISCLOSURE_BOOKS, pipeline } }));
      // all rows in the first batch, however many
      const batchSize = sids.length * selection.limitPerPerson + 1;
      const rows = await collection.aggregate<Row>([...first, ...unions], { ...read, batchSize }).toArray();
      return groupBy(rows.map(disclosureOf), ({ sid }) => sid);
    },

    /** One disclosure of a person by its id; null where it is not one of theirs, or not yet theirs to see. */
    async findOne(sid: string, id: string, now: Date): Promise<Disclosure | null> {
      const place = parseDisclosureId(id);
      if (!place) return null;
      const { book, n, i, j } = place;
      const document = await collection.findOne({ _id: { book, n } }, read);
      const found = document?.type === 'ENTRIES' ? document.entries[i] : undefined;
      if (!document || found?.sids[j] !== sid || (found.visibleFrom ?? '') > now.toISOString()) return null;
      const { sids: _everybody, ...entry } = found;
      return disclosureOf({ ...document, i, j, sid, entry });
    },
  };
}
