import type { Clock } from '../../base/clock.ts';
import { seal } from '../entry.ts';
import { type BookCollection, type BookDocument, ofBook } from './book-document.ts';
import type { BookHeads } from './book-heads.ts';
import { type InsertSettings, insertOnce } from './insert-once.ts';

const sealAfter = ({ _id: { book, n }, hash }: BookDocument, at: string): BookDocument =>
  seal({ _id: { book, n: n + 1 }, at, type: 'SEAL' as const }, hash);

/**
 * Ends the books that nobody has written to for a while, as those of crashed processes. A writer that was only quiet
 * finds its next place taken and goes on in a new book.
 */
export async function sealSilent(
  collection: BookCollection,
  heads: BookHeads,
  { clock, silentMs, ...settings }: InsertSettings & { clock: Clock; silentMs: number },
): Promise<void> {
  const now = clock.now();
  const silentSince = new Date(now.getTime() - silentMs).toISOString();
  for (const { _id: book } of await heads.findUnsealed(collection.collectionName)) {
    const last = await collection.findOne(ofBook(book), { sort: { _id: -1 }, ...settings.read });
    if (!last || (last.type !== 'SEAL' && last.at >= silentSince)) continue;
    const end = last.type === 'SEAL' ? last : sealAfter(last, now.toISOString());
    if (await insertOnce(collection, end, settings))
      await heads.publish({
        _id: book,
        collection: collection.collectionName,
        n: end._id.n,
        hash: end.hash,
        sealed: true,
        at: end.at,
      });
  }
}
