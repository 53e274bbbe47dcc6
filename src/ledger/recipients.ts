import type { DataCategory } from '../policy/vocabulary.ts';
import type { Store } from '../store/connection.ts';
import type { BookDocument } from './book-document.ts';
import { collectionOf, DISCLOSURE_BOOKS } from './collections.ts';
import type { DisclosureEntry } from './disclosure-entry.ts';

/** What a partner was shown of a person, all in all. */
export interface Received {
  /** The client id. */
  readonly recipient: string;
  /** None where it was no more than that the person is there. */
  readonly categories: readonly DataCategory[];
  /** When it last was; ISO 8601, UTC, milliseconds. */
  readonly at: string;
}

/** @returns for each partner and each set of categories that it was shown together, the last time it was */
export async function findReceived({ connection, read }: Pick<Store, 'connection' | 'read'>, sid: string) {
  const recipientKind: DisclosureEntry['recipientKind'] = 'PARTNER';
  return collectionOf<BookDocument<DisclosureEntry>>(connection, DISCLOSURE_BOOKS)
    .aggregate<Received>(
      [
        { $match: { 'entries.sids': sid } },
        { $unwind: '$entries' },
        { $match: { 'entries.sids': sid, 'entries.recipientKind': recipientKind } },
        {
          $group: {
            _id: { recipient: '$entries.recipient', categories: '$entries.categories' },
            at: { $max: '$entries.at' },
          },
        },
        { $project: { _id: 0, recipient: '$_id.recipient', categories: '$_id.categories', at: 1 } },
      ],
      read,
    )
    .toArray();
}
