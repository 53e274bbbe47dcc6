import type { mongo } from 'mongoose';
import { MINUTE } from '../../../base/durations.ts';
import { type Access, collectionOf, DISCLOSURE_BOOKS } from '../collections.ts';
import type { Place } from './books.ts';

/** The parts of a disclosure for its searches. */
interface StoredDisclosure {
  readonly sids: readonly string[];
  readonly positions?: readonly number[];
  readonly recipientKind: string;
  readonly recipient: string;
  readonly purpose: string;
  readonly categories: readonly string[];
  readonly visibleFrom?: string;
}

interface Placed {
  readonly _id: Place;
}

/** One person's part in an entry of a document. */
export interface DisclosureRow<Entry extends StoredDisclosure> extends Placed {
  readonly at: string;
  /** The hash of the document. */
  readonly hash: string;
  /** The place of the entry in its document. */
  readonly i: number;
  /** The place of the person in the entry. */
  readonly j: number;
  readonly sid: string;
  readonly entry: Omit<Entry, 'sids' | 'positions'>;
}

/** A page of one person's disclosures. */
export interface RowsAsked {
  readonly limit: number;
  /** Leaves out entries that become visible later; same form as `visibleFrom`. */
  readonly now: string;
  /** Only entries before this place. */
  readonly before?: Place & { readonly at: string; readonly i: number };
}

/** Responses that showed a recipient the same categories of a person for the same purpose at the same position. */
export interface ReceivedRow<Entry extends StoredDisclosure> {
  readonly sid: string;
  readonly recipient: Entry['recipient'];
  readonly purpose: Entry['purpose'];
  readonly categories: Entry['categories'];
  readonly position: number;
  readonly times: number;
}

const NEWEST_FIRST = { at: -1, _id: -1 } as const;

/** The time limit of a search for recipients: the books can name a person a hundred thousand times. */
const PATIENCE_MS = MINUTE;
/** One batch holds as many as fit into it (16 MB). */
const MOST_AT_ONCE = 100_000;

const olderThan = ({ at, book, n, i }: NonNullable<RowsAsked['before']>) => ({
  $or: [{ at: { $lt: at } }, { at, _id: { $lt: { book, n } } }, { at, _id: { book, n }, i: { $lt: i } }],
});

/** One person's disclosures, newest first. The index gives the order, so that only the requested page is read. */
const pipelineOf = (sid: string, { limit, now, before }: RowsAsked): mongo.BSON.Document[] => {
  const entryAt = { $arrayElemAt: ['$entries', '$$i'] };
  const visible = { $lte: [{ $ifNull: ['$$entry.visibleFrom', ''] }, now] };
  const shown = { $and: [{ $in: [sid, '$$entry.sids'] }, visible] };
  return [
    { $match: { 'entries.sids': sid, ...(before && { at: { $lte: before.at } }) } },
    { $sort: NEWEST_FIRST },
    {
      $project: {
        at: 1,
        hash: 1,
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
    { $limit: limit },
    { $set: { sid: { $literal: sid }, entry: { $arrayElemAt: ['$entries', '$i'] } } },
    { $set: { j: { $indexOfArray: ['$entry.sids', sid] } } },
    { $unset: ['entries', 'entry.sids', 'entry.positions'] },
  ];
};

/** Searches of the books of disclosures by people. */
export function createDisclosures<Entry extends StoredDisclosure, Document extends Placed = Placed>({
  connection,
  read,
}: Pick<Access, 'connection' | 'read'>) {
  const collection = collectionOf<Placed>(connection, DISCLOSURE_BOOKS);

  return {
    /** One page for each person from the index, in one command. Other people in the documents do not slow it down. */
    async findRows(sids: readonly string[], asked: RowsAsked): Promise<DisclosureRow<Entry>[]> {
      const [first, ...others] = sids.map((sid) => pipelineOf(sid, asked));
      if (!first) return [];
      const unions = others.map((pipeline) => ({ $unionWith: { coll: DISCLOSURE_BOOKS, pipeline } }));
      // all rows in the first batch
      const batchSize = sids.length * asked.limit + 1;
      return collection.aggregate<DisclosureRow<Entry>>([...first, ...unions], { ...read, batchSize }).toArray();
    },

    /** The newest documents about any of these people. */
    findNewest: (sids: readonly string[], limit: number): Promise<Document[]> =>
      collection
        .find<Document>({ 'entries.sids': { $in: sids } } as object, { ...read, sort: NEWEST_FIRST, limit })
        .toArray(),

    /**
     * Counts the disclosures of people to recipients of a kind: one row for each person, recipient, purpose, set of
     * categories and position.
     *
     * @param unknown  the position for rows without one on record
     */
    countReceived: (
      sids: readonly string[],
      recipientKind: Entry['recipientKind'],
      unknown: number,
    ): Promise<ReceivedRow<Entry>[]> => {
      const found = { $setIntersection: ['$$entry.sids', sids] };
      const isOfPeople = { $and: [{ $eq: ['$$entry.recipientKind', recipientKind] }, { $ne: [found, []] }] };
      const position = { $arrayElemAt: ['$entries.positions', { $indexOfArray: ['$entries.sids', '$sid'] }] };
      return collection
        .aggregate<ReceivedRow<Entry>>(
          [
            { $match: { 'entries.sids': { $in: sids } } },
            // an entry has a recipient, categories and up to 500 people: this drops most entries before the copy
            { $project: { entries: { $filter: { input: '$entries', as: 'entry', cond: isOfPeople } } } },
            { $unwind: '$entries' },
            { $addFields: { sid: { $setIntersection: ['$entries.sids', sids] } } },
            { $unwind: '$sid' },
            {
              $group: {
                _id: {
                  sid: '$sid',
                  recipient: '$entries.recipient',
                  purpose: '$entries.purpose',
                  categories: '$entries.categories',
                  position: { $ifNull: [position, unknown] },
                },
                times: { $sum: 1 },
              },
            },
            { $replaceRoot: { newRoot: { $mergeObjects: ['$_id', { times: '$times' }] } } },
          ],
          { ...read, maxTimeMS: PATIENCE_MS, batchSize: MOST_AT_ONCE },
        )
        .toArray();
    },
  };
}
