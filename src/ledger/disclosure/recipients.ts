import { groupBy } from '../../base/group-by.ts';
import type { DataCategory } from '../../policy/vocabulary.ts';
import type { Store } from '../../store/mongo/connection.ts';
import type { BookDocument } from '../book/book-document.ts';
import { collectionOf, DISCLOSURE_BOOKS } from '../collections.ts';
import type { DisclosureEntry } from './disclosure-entry.ts';

/** Responses that showed a partner the same categories of a person for the same purpose at the same position. */
export interface Received {
  /** The client id. */
  readonly recipient: string;
  readonly purpose: string;
  /** None where it was no more than that the person is there. */
  readonly categories: readonly DataCategory[];
  /** The last entry of the person's ledger when the person was read; 0, before the first, where none is recorded. */
  readonly position: number;
  readonly times: number;
}

/** The position of one of the people of a disclosure entry. */
export const positionIn = ({ positions }: Pick<DisclosureEntry, 'positions'>, place: number): number =>
  positions?.[place] ?? UNKNOWN;
const UNKNOWN = 0;

/** The time that one search of the books may take. They can name a person a hundred thousand times. */
const PATIENCE_MS = 60_000;
/** In one batch as far as that can hold them (16 MB). */
const MOST_AT_ONCE = 100_000;

/** @returns by person, one for each partner, purpose, set of categories and position */
export async function findReceived(
  { connection, read }: Pick<Store, 'connection' | 'read'>,
  sids: readonly string[],
): Promise<Map<string, Received[]>> {
  const recipientKind: DisclosureEntry['recipientKind'] = 'PARTNER';
  const found = { $setIntersection: ['$$entry.sids', sids] };
  const isOfPeople = { $and: [{ $eq: ['$$entry.recipientKind', recipientKind] }, { $ne: [found, []] }] };
  const position = { $arrayElemAt: ['$entries.positions', { $indexOfArray: ['$entries.sids', '$sid'] }] };
  const received = collectionOf<BookDocument<DisclosureEntry>>(connection, DISCLOSURE_BOOKS).aggregate<
    Received & { readonly sid: string }
  >(
    [
      { $match: { 'entries.sids': { $in: sids } } },
      // an entry has its recipient, its categories and up to 500 people: most are dropped before they are copied
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
            position: { $ifNull: [position, UNKNOWN] },
          },
          times: { $sum: 1 },
        },
      },
      { $replaceRoot: { newRoot: { $mergeObjects: ['$_id', { times: '$times' }] } } },
    ],
    { ...read, maxTimeMS: PATIENCE_MS, batchSize: MOST_AT_ONCE },
  );
  return groupBy(await received.toArray(), ({ sid }) => sid);
}
