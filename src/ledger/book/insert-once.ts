import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../store/mongo/connection.ts';
import { isDuplicateKey } from '../../store/mongo/duplicate-key.ts';
import { LedgerUnavailableError } from '../ledger-unavailable.ts';
import { within } from '../within.ts';
import type { BookCollection, BookDocument } from './book-document.ts';

export interface InsertSettings extends Pick<Store, 'write' | 'read'> {
  readonly timeoutMs: number;
}

const FIRST_PAUSE_MS = 25;

/**
 * Inserts a document, however often it takes to know that it is there: a write of unknown outcome is retried as the
 * identical document, which is either the one that is found in its place or the one that arrives there now.
 *
 * @returns false where another document holds the place
 * @throws {LedgerUnavailableError} it is still unknown after `timeoutMs` whether the document is there
 */
export async function insertOnce(collection: BookCollection, document: BookDocument, settings: InsertSettings) {
  const { write, read, timeoutMs } = settings;
  const until = performance.now() + timeoutMs;

  const attempt = async () => {
    try {
      await collection.insertOne(document, { writeConcern: write });
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // the refusal has waited for the write concern as well: what holds the place is on disk
      const held = await collection.findOne({ _id: document._id }, { projection: { hash: 1 }, ...read });
      if (held === null) throw error;
      return held.hash === document.hash;
    }
  };

  for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
    try {
      return await within(until - performance.now(), attempt());
    } catch (cause) {
      if (performance.now() + pause >= until)
        throw new LedgerUnavailableError('The database did not acknowledge a record in time.', { cause });
      await sleep(pause);
    }
  }
}
