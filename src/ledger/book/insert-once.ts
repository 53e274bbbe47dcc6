import { setTimeout as sleep } from 'node:timers/promises';
import { LedgerUnavailableError } from '../ledger-unavailable.ts';
import { within } from '../within.ts';
import type { BookDocument, Books } from './book-document.ts';

const FIRST_PAUSE_MS = 25;

/**
 * Inserts a document, however often it takes to know that it is there: a write of unknown outcome is retried as the
 * identical document, which is either the one that is found in its place or the one that arrives there now.
 *
 * @returns false where another document holds the place
 * @throws {LedgerUnavailableError} it is still unknown after `timeoutMs` whether the document is there
 */
export async function insertOnce(
  books: Pick<Books, 'put'>,
  document: BookDocument,
  timeoutMs: number,
): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
    try {
      return await within(until - performance.now(), books.put(document));
    } catch (cause) {
      if (performance.now() + pause >= until)
        throw new LedgerUnavailableError('The database did not acknowledge a record in time.', { cause });
      await sleep(pause);
    }
  }
}
