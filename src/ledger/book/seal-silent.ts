import type { Clock } from '../../base/clock.ts';
import type { BookHeads } from '../../store/mongo/repositories/book-heads.ts';
import { seal } from '../chain/entry.ts';
import type { BookDocument, Books } from './book-document.ts';
import { insertOnce } from './insert-once.ts';

const sealAfter = ({ _id: { book, n }, hash }: BookDocument, at: string): BookDocument =>
  seal({ _id: { book, n: n + 1 }, at, type: 'SEAL' as const }, hash);

/**
 * Ends the books that nobody has written to for a while, as those of crashed processes. A writer that was only quiet
 * finds its next place taken and goes on in a new book.
 */
export async function sealSilent(
  books: Books,
  heads: Pick<BookHeads, 'findUnsealed' | 'publish'>,
  { clock, silentMs, timeoutMs }: { clock: Clock; silentMs: number; timeoutMs: number },
): Promise<void> {
  const now = clock.now();
  const silentSince = new Date(now.getTime() - silentMs).toISOString();
  for (const { _id: book } of await heads.findUnsealed(books.name)) {
    const last = await books.findLast(book);
    if (!last || (last.type !== 'SEAL' && last.at >= silentSince)) continue;
    const end = last.type === 'SEAL' ? last : sealAfter(last, now.toISOString());
    if (await insertOnce(books, end, timeoutMs))
      await heads.publish({
        _id: book,
        collection: books.name,
        n: end._id.n,
        hash: end.hash,
        sealed: true,
        at: end.at,
      });
  }
}
