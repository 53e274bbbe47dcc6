import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { GENESIS, type Head, seal } from '../entry.ts';
import type { BookCollection, BookContent, BookDocument } from './book-document.ts';
import type { BookHead } from './book-heads.ts';
import { type InsertSettings, insertOnce } from './insert-once.ts';

export type OpenBook = Awaited<ReturnType<typeof openBook>>;

/** Begins a new book, whose chain one writer continues from memory without ever reading it back. */
export async function openBook(
  collection: BookCollection,
  opening: BookContent<unknown>,
  { clock, ...settings }: InsertSettings & { clock: Clock },
) {
  const book = randomBytes(16).toString('hex');
  let head: Head = { n: -1, hash: GENESIS };
  let lastAt = '';

  const append = async (content: BookContent<unknown>): Promise<boolean> => {
    const now = clock.now().toISOString();
    const at = now > lastAt ? now : lastAt;
    const document: BookDocument = seal({ _id: { book, n: head.n + 1 }, at, ...content }, head.hash);
    const written = await insertOnce(collection, document, settings);
    if (written) {
      head = { n: document._id.n, hash: document.hash };
      lastAt = at;
    }
    return written;
  };

  await append(opening);
  return {
    name: book,
    /**
     * Adds a document at the end. One call at a time.
     *
     * @returns false where somebody else has ended the book; nothing can be added to it any more
     * @throws {LedgerUnavailableError} it is unknown whether the document is there; the book must be left as it is
     */
    append,
    head: (sealed = false): BookHead => ({
      _id: book,
      collection: collection.collectionName,
      ...head,
      sealed,
      at: lastAt,
    }),
  };
}
