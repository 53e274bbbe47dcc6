import type { DataCategory } from '../policy/vocabulary.ts';
import type { Store } from '../store/connection.ts';
import type { BookDocument } from './book-document.ts';
import { collectionOf, DISCLOSURE_BOOKS } from './collections.ts';
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

/** How long the books may be gone through for one person, of whom they can tell a hundred thousand times. */
const PATIENCE_MS = 60_000;

/** @returns one for each partner, purpose, set of categories and position */
export async function findReceived({ connection, read }: Pick<Store, 'connection' | 'read'>, sid: string) {
  const recipientKind: DisclosureEntry['recipientKind'] = 'PARTNER';
  const isOfPerson = { $and: [{ $eq: ['$$entry.recipientKind', recipientKind] }, { $in: [sid, '$$entry.sids'] }] };
  const position = { $arrayElemAt: ['$entries.positions', { $indexOfArray: ['$entries.sids', sid] }] };
  return collectionOf<BookDocument<DisclosureEntry>>(connection, DISCLOSURE_BOOKS)
    .aggregate<Received>(
      [
        { $match: { 'entries.sids': sid } },
        // an entry has its recipient, its categories and up to 500 people: most are dropped before they are copied
        { $project: { entries: { $filter: { input: '$entries', as: 'entry', cond: isOfPerson } } } },
        { $unwind: '$entries' },
        {
          $group: {
            _id: {
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
      { ...read, maxTimeMS: PATIENCE_MS },
    )
    .toArray();
}
