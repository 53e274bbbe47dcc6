import type { mongo } from 'mongoose';
import type { Sealed } from '../entry.ts';

/** The head of a book as another place has put it on record. */
export interface QuotedHead {
  readonly collection: string;
  readonly book: string;
  readonly n: number;
  readonly hash: string;
}

/** A book begins with OPEN at number 0 and ends with SEAL, by its writer or by anybody who finds it silent. */
export type BookContent<E> =
  | { readonly type: 'OPEN'; readonly heads: readonly QuotedHead[] }
  | { readonly type: 'ENTRIES'; readonly entries: readonly E[] }
  | { readonly type: 'SEAL' };

export interface Place {
  readonly book: string;
  readonly n: number;
}

/** One link of a book's chain. `at` is the time of writing: ISO 8601, UTC, milliseconds; it never falls within a book. */
export type BookDocument<E = unknown> = Sealed<{ readonly _id: Place; readonly at: string } & BookContent<E>>;

export type BookCollection = mongo.Collection<BookDocument>;

/** Every document of one book, by the index that each collection has. */
export const ofBook = (book: string) => ({ _id: { $gte: { book, n: 0 }, $lte: { book, n: Number.MAX_SAFE_INTEGER } } });
