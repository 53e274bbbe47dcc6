import type { DataCategory } from '../policy/vocabulary.ts';
import type { Store } from '../store/connection.ts';
import type { BookDocument } from './book-document.ts';
import { collectionOf, DISCLOSURE_BOOKS } from './collections.ts';
import type { DisclosureEntry } from './disclosure-entry.ts';

/** What a partner was shown of a person, with how often it was. */
export interface Received {
  /** The client id. */
  readonly recipient: string;
  /** None where it was no more than that the person is there. */
  readonly categories: readonly DataCategory[];
  /** How far the person's ledger had come when they were read; 0, before all of it, where that was not recorded. */
  readonly position: number;
  readonly times: number;
}

/** Where one person stands in a disclosure entry. */
export const positionIn = ({ positions }: Pick<DisclosureEntry, 'positions'>, place: number): number =>
  positions?.[place] ?? UNKNOWN;
const UNKNOWN = 0;

/** How long the books may be gone through for one person, of whom they can tell a hundred thousand times. */
const PATIENCE_MS = 60_000;

/** @returns one for each partner, each set of categories that it was shown together, and each position */
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
