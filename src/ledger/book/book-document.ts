import type { BookDocuments, Place } from '../../store/mongo/repositories/books.ts';
import type { Sealed } from '../chain/entry.ts';

/** The head of a book as another place has put it on record. */
export interface QuotedHead extends Place {
  readonly collection: string;
  readonly hash: string;
}

/**
 * A book begins with OPEN at number 0 and ends with SEAL, by its writer or by another process that finds it silent.
 */
export type BookContent<E> =
  | { readonly type: 'OPEN'; readonly heads: readonly QuotedHead[] }
  | { readonly type: 'ENTRIES'; readonly entries: readonly E[] }
  | { readonly type: 'SEAL' };

/** One link of a book's chain. `at` is the time of writing: ISO 8601, UTC, milliseconds; it never falls within a book. */
export type BookDocument<E = unknown> = Sealed<{ readonly _id: Place; readonly at: string } & BookContent<E>>;

/** The books of one collection. */
export type Books<E = unknown> = BookDocuments<BookDocument<E>>;
