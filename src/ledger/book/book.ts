import type { Clock } from '../../base/clock.ts';
import { MINUTE } from '../../base/durations.ts';
import type { Log } from '../../base/log.ts';
import type { BookHead, BookHeads } from '../../store/mongo/repositories/book-heads.ts';
import type { Place } from '../../store/mongo/repositories/books.ts';
import { createGroupCommit } from '../group-commit.ts';
import { LedgerUnavailableError } from '../ledger-unavailable.ts';
import { within } from '../within.ts';
import type { Books, QuotedHead } from './book-document.ts';
import { createHeadPublisher } from './head-publisher.ts';
import { type OpenBook, openBook } from './open-book.ts';
import { sealSilent } from './seal-silent.ts';

export interface BookLimits {
  /** People in one document, each counted in each of its entries. */
  readonly peoplePerDocument: number;
  /** The most people with entries that wait for a write; a person counts once for each entry, as above. */
  readonly queued: number;
  /** How long the database may take to acknowledge a document, in milliseconds. */
  readonly timeoutMs: number;
  /** How often the head is published, in milliseconds. */
  readonly publishMs: number;
  /** How long another process's book may be silent before it is sealed, in milliseconds. */
  readonly silentMs: number;
  /** Heads of other books that a new one quotes. */
  readonly quotes: number;
}

export const BOOK_LIMITS: BookLimits = Object.freeze({
  peoplePerDocument: 500,
  queued: 20_000,
  timeoutMs: 5_000,
  publishMs: 1_000,
  silentMs: 5 * MINUTE,
  quotes: 100,
});

/** Acts on each entry of a book once it is on record. */
export interface BookFollower<E> {
  /** Puts a book on the list of those to follow. Its first entry waits for this, so that none is left out. */
  readonly begin: (book: string) => Promise<void>;
  /** Takes note of a document that is on record. It returns at once and does not throw. */
  readonly note: (place: Place, entries: readonly E[]) => void;
}

export interface BookOptions<E> {
  readonly books: Books;
  readonly heads: BookHeads;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<BookLimits>;
  readonly follower?: BookFollower<E>;
}

/** Every entry names its people, each once, and may have a position for each. */
export interface EntryOfPeople {
  readonly sids: readonly string[];
  readonly positions?: readonly number[];
}

/** The same entry for no more than so many people each; one entry where it speaks of nobody. */
const piecesOf = <E extends EntryOfPeople>(entry: E, most: number): E[] =>
  Array.from({ length: Math.max(1, Math.ceil(entry.sids.length / most)) }, (_, piece) => {
    const [from, to] = [piece * most, (piece + 1) * most];
    const { sids, positions } = entry;
    return { ...entry, sids: sids.slice(from, to), ...(positions && { positions: positions.slice(from, to) }) };
  });

export interface Book<E> {
  /**
   * Resolves once the database has every entry on disk.
   *
   * @param entries the entries of one response; plain JSON
   * @throws {LedgerUnavailableError} not acknowledged in time, too many wait, or closed; nothing may be revealed
   */
  record(entries: readonly E[]): Promise<void>;
  /**
   * Writes the waiting entries, seals the book and publishes its head. Never fails: an unsealed book is sealed by
   * another.
   */
  close(): Promise<void>;
}

const quoteOf = ({ _id: book, collection, n, hash }: BookHead): QuotedHead => ({ book, collection, n, hash });

/** A document can lose its place to another process that seals the book, but hardly ever twice. */
const BOOKS_PER_WRITE = 3;

/**
 * An append-only, hash-chained book of one process: a single writer that opens it with the first entry, shares writes
 * between the responses that wait, and never reads back. If it can't know the outcome of a write, it leaves the book
 * and opens another one.
 */
export function createBook<E extends EntryOfPeople>({
  books,
  heads,
  clock,
  log,
  follower,
  ...options
}: BookOptions<E>): Book<E> {
  const limits = { ...BOOK_LIMITS, ...options.limits };
  const settings = { clock, ...limits };
  const publisher = createHeadPublisher(heads, { everyMs: limits.publishMs, log });
  let current: OpenBook | null = null;
  let housekeeping: Promise<void> = Promise.resolve();
  let closed = false;

  const warn = (message: string, error?: unknown) =>
    log.warn({ collection: books.name, book: current?.name, reason: (error as Error)?.name }, message);

  const sealOthers = () =>
    sealSilent(books, heads, settings).catch((error: unknown) => warn('silent books stay unsealed for now', error));

  async function open(): Promise<OpenBook> {
    const quotes = (await heads.findRecent(limits.quotes)).map(quoteOf);
    const book = await openBook(books, { type: 'OPEN', heads: quotes }, settings);
    // on record before the first entry, so that a book can't vanish together with its only trace
    await heads.publish(book.head());
    await follower?.begin(book.name);
    housekeeping = sealOthers();
    return book;
  }

  const openInTime = () =>
    within(limits.timeoutMs, open()).catch((cause: unknown) => {
      throw new LedgerUnavailableError('No book could be opened.', { cause });
    });

  async function writeDown(entries: readonly E[]): Promise<void> {
    try {
      for (let attempt = 0; attempt < BOOKS_PER_WRITE; attempt++) {
        current ??= await openInTime();
        if (await current.append({ type: 'ENTRIES', entries })) {
          const head = current.head();
          publisher.schedule(head);
          return follower?.note({ book: head._id, n: head.n }, entries);
        }
        warn('another process has sealed this book');
        current = null;
      }
      throw new LedgerUnavailableError('Every book was sealed before it could be written to.');
    } catch (error) {
      if (!(error instanceof LedgerUnavailableError)) throw error;
      warn('the book is abandoned', error);
      current = null;
      throw error;
    }
  }

  const group = createGroupCommit(
    writeDown,
    { perWrite: limits.peoplePerDocument, queued: limits.queued },
    ({ sids }) => Math.max(1, sids.length),
  );

  return {
    async record(entries) {
      if (closed) throw new LedgerUnavailableError('The book is closed.');
      await group.record(entries.flatMap((entry) => piecesOf(entry, limits.peoplePerDocument)));
    },

    async close() {
      closed = true;
      await group.idle();
      await housekeeping;
      try {
        if (current && (await current.append({ type: 'SEAL' }))) publisher.schedule(current.head(true));
      } catch (error) {
        warn('the book stays unsealed', error);
      }
      current = null;
      await publisher.flush();
    },
  };
}
