import type { Log } from '../../base/log.ts';
import { shareRuns } from '../../base/shared-runs.ts';
import { eachAlone } from '../../store/each-alone.ts';
import { isUnavailable } from '../../store/mongo/connection.ts';
import type { Place } from '../../store/mongo/repositories/books.ts';
import type { FollowedBook, FollowedBooks } from '../../store/mongo/repositories/followed-books.ts';
import type { BookFollower, EntryOfPeople } from '../book/book.ts';
import type { BookDocument, Books } from '../book/book-document.ts';
import { createGroupCommit } from '../group-commit.ts';
import { LedgerUnavailableError } from '../ledger-unavailable.ts';

export interface FollowerOptions<E extends EntryOfPeople> {
  readonly documents: Pick<Books<E>, 'findAfter'>;
  readonly progress: FollowedBooks;
  readonly log: Log;
  /** Acts on entries that are on record. It may be given the same entries again, and by several gateways at once. */
  readonly follow: (entries: readonly E[]) => Promise<void>;
}

export interface Follower<E extends EntryOfPeople> extends BookFollower<E> {
  /**
   * Resolves once every entry that was on record at the time of the call is followed, in the books of every process.
   * Calls that come while one is under way share the next one.
   *
   * @throws the first fault, once every book was tried
   */
  readonly catchUp: () => Promise<void>;
  /** Follows the documents that this process has written, and resolves once nothing is under way. */
  readonly close: () => Promise<void>;
}

/** Documents that this process writes gather so many milliseconds, so that one search serves all of them. */
const GATHER_MS = 200;
/** People in documents that are followed together. */
const TOGETHER = 4_000;
/** People in documents that wait to be followed. Further documents are left to the next `catchUp`. */
const QUEUED = 200_000;
/** Documents that are read together, of 500 people each at most. */
const READ_TOGETHER = 20;

interface Written<E extends EntryOfPeople> {
  readonly place: Place;
  readonly entries: readonly E[];
}

/** The documents that come one after the other from a number on, up to the first that is not there yet. */
const unbroken = <E>(documents: readonly BookDocument<E>[], from: number) =>
  documents.filter(({ _id: { n } }, index) => n === from + index);

const entriesOf = <E>(document: BookDocument<E>) => (document.type === 'ENTRIES' ? document.entries : []);

/**
 * Acts on each entry of each book at least once, whichever process wrote it and however late. A process follows its own
 * documents soon after it wrote them. Any process that catches up follows the rest from the position on record: so
 * nothing is lost with a process that was stopped.
 */
export function createFollower<E extends EntryOfPeople>({
  documents: { findAfter },
  progress,
  log,
  follow,
}: FollowerOptions<E>): Follower<E> {
  /** The last document that was followed without a gap, for each book of this process. */
  const followed = new Map<string, number>();
  let gathered: Written<E>[] = [];
  let timer: NodeJS.Timeout | undefined;

  /** Moves books on. A document after a gap does not: the gap is to be followed first. */
  const advance = (written: readonly Written<E>[]): Map<string, number> => {
    const moved = new Map<string, number>();
    for (const { place } of written) {
      if (followed.get(place.book) !== place.n - 1) continue;
      followed.set(place.book, place.n);
      moved.set(place.book, place.n);
    }
    return moved;
  };

  async function followTogether(written: readonly Written<E>[]): Promise<void> {
    try {
      await follow(written.flatMap(({ entries }) => entries));
      await Promise.all([...advance(written)].map(([book, n]) => progress.advance(book, n)));
    } catch (cause) {
      throw isUnavailable(cause) ? new LedgerUnavailableError('Nothing can be followed.', { cause }) : cause;
    }
  }

  const group = createGroupCommit(followTogether, { perWrite: TOGETHER, queued: QUEUED }, ({ entries }) =>
    entries.reduce((sum, { sids }) => sum + sids.length, 0),
  );

  function followGathered(): void {
    clearTimeout(timer);
    timer = undefined;
    const taken = gathered;
    gathered = [];
    group.record(taken).catch(({ name, cause }: Error) => {
      const reason = cause instanceof Error ? cause.name : name;
      log.warn({ reason }, 'entries of books are followed later');
    });
  }

  const read = async (book: string, after: number): Promise<BookDocument<E>[]> =>
    unbroken(await findAfter({ book, n: after }, READ_TOGETHER), after + 1);

  /** Goes on after a fault, so that later documents do not wait; the position on record stays before the fault. */
  async function followBook({ _id: book, n }: FollowedBook): Promise<void> {
    const faults: unknown[] = [];
    for (let at = Math.max(n, followed.get(book) ?? 0); ; ) {
      const documents = await read(book, at);
      const last = documents.at(-1);
      if (!last) break;
      await follow(documents.flatMap(entriesOf)).catch((error: unknown) => {
        if (isUnavailable(error)) throw error;
        faults.push(error);
      });
      at = last._id.n;
      if (faults.length > 0) continue;
      if (last.type === 'SEAL') {
        followed.delete(book);
        return progress.end(book);
      }
      await progress.advance(book, at);
      if ((followed.get(book) ?? at) < at) followed.set(book, at);
    }
    if (faults.length > 0) throw faults[0];
  }

  const catchingUp = shareRuns(async () => eachAlone(await progress.find(), followBook));

  return {
    begin: progress.begin,

    note(place, entries) {
      if (!followed.has(place.book)) followed.set(place.book, place.n - 1);
      gathered.push({ place, entries });
      timer ??= setTimeout(followGathered, GATHER_MS).unref();
    },

    catchUp: catchingUp.run,

    async close() {
      followGathered();
      await group.idle();
      await catchingUp.idle();
    },
  };
}
