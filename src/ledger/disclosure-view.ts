import type { mongo } from 'mongoose';
import { groupBy } from '../policy/group-by.ts';
import type { Store } from '../store/connection.ts';
import type { BookDocument, Place } from './book-document.ts';
import { collectionOf, DISCLOSURE_BOOKS } from './collections.ts';
import type { DisclosureEntry } from './disclosure-entry.ts';
import { type DisclosurePosition, disclosureId, parseDisclosureId } from './disclosure-position.ts';

export interface Disclosure extends DisclosureEntry {
  /** `<book>.<n>.<i>`, the same for ever. */
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
  readonly i: number;
  readonly entry: DisclosureEntry;
}

const disclosureOf = ({ _id: { book, n }, at, i, entry }: Row): Disclosure => {
  const position = { at, book, n, i };
  return { ...entry, id: disclosureId(position), position };
};

const olderThan = ({ at, book, n, i }: DisclosurePosition) => ({
  $or: [{ at: { $lt: at } }, { at, _id: { $lt: { book, n } } }, { at, _id: { book, n }, i: { $lt: i } }],
});

/** One person's disclosures, newest first. The index gives the order, so that only as much is read as is asked for. */
const pipelineOf = (sid: string, { limitPerPerson, now, before }: DisclosureSelection): mongo.BSON.Document[] => {
  const entryAt = { $arrayElemAt: ['$entries', '$$i'] };
  const visible = { $lte: [{ $ifNull: ['$$entry.visibleFrom', ''] }, now.toISOString()] };
  const shown = { $and: [{ $eq: ['$$entry.sid', sid] }, visible] };
  return [
    { $match: { 'entries.sid': sid, ...(before && { at: { $lte: before.at } }) } },
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
    { $project: { at: 1, i: 1, entry: { $arrayElemAt: ['$entries', '$i'] } } },
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
      const { book, n, i } = place;
      const document = await collection.findOne({ _id: { book, n } }, read);
      const entry = document?.type === 'ENTRIES' ? document.entries[i] : undefined;
      if (!document || entry?.sid !== sid || (entry.visibleFrom ?? '') > now.toISOString()) return null;
      return disclosureOf({ ...document, i, entry });
    },
  };
}
