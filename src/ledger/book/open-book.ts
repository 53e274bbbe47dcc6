import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { BookHead } from '../../store/mongo/repositories/book-heads.ts';
import { GENESIS, type Head, seal } from '../chain/entry.ts';
import type { BookContent, BookDocument, Books } from './book-document.ts';
import { insertOnce } from './insert-once.ts';

export type OpenBook = Awaited<ReturnType<typeof openBook>>;

/** Begins a new book. One writer continues its chain from memory without ever reading it back. */
export async function openBook(
  books: Books,
  opening: BookContent<unknown>,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
) {
  const book = randomBytes(16).toString('hex');
  let head: Head = { n: -1, hash: GENESIS };
  let lastAt = '';

  const append = async (content: BookContent<unknown>): Promise<boolean> => {
    const now = clock.now().toISOString();
    const at = now > lastAt ? now : lastAt;
    const document: BookDocument = seal({ _id: { book, n: head.n + 1 }, at, ...content }, head.hash);
    const written = await insertOnce(books, document, timeoutMs);
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
      collection: books.name,
      ...head,
      sealed,
      at: lastAt,
    }),
  };
}
