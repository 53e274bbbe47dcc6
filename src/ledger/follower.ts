import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import type { Store } from '../store/connection.ts';
import { eachAlone } from '../store/each-alone.ts';
import type { Log } from '../store/log.ts';
import { shareRuns } from '../store/shared-runs.ts';
import type { BookFollower, EntryOfPeople } from './book.ts';
import type { BookDocument, Place } from './book-document.ts';
import { createFollowedBooks, type FollowedBook, type FollowedCollection } from './followed-books.ts';
import { createGroupCommit } from './group-commit.ts';

export interface FollowerOptions<E extends EntryOfPeople> extends Pick<Store, 'read' | 'write'> {
  readonly collection: mongo.Collection<BookDocument<E>>;
  readonly followed: FollowedCollection;
  readonly log: Log;
  /** Acts on entries that are on record. It may be given the same entries again, and by several gateways at once. */
  readonly follow: (entries: readonly E[]) => Promise<void>;
}

export interface Follower<E extends EntryOfPeople> extends BookFollower<E> {
  /**
   * Resolves once all that was on record when it was called is followed, in the books of every process. Whoever calls
   * while it is under way shares the next one.
   *
   * @throws what went wrong first, once every book was tried
   */
  readonly catchUp: () => Promise<void>;
  /** Resolves once nothing is under way, with the positions on record. */
  readonly close: () => Promise<void>;
}

/** People in documents that this process has written and not followed yet; more are left to the next catching up. */
const QUEUED = 200_000;
/** People in documents that are followed together. */
const TOGETHER = 4_000;
/** How long documents gather after some were followed, in milliseconds: nobody waits, and one look serves them all. */
const PAUSE_MS = 50;
/** Documents that are read together, of 500 people each at most. */
const READ_TOGETHER = 20;
/** How often the position in a book of this process is put on record, in milliseconds. */
const PUBLISH_MS = 250;

interface Written<E extends EntryOfPeople> {
  readonly place: Place;
  readonly entries: readonly E[];
}

/** The documents that come one after the other from a number on, up to the first that is not there yet. */
const unbroken = <E>(documents: readonly BookDocument<E>[], from: number) =>
  documents.filter(({ _id: { n } }, index) => n === from + index);

const entriesOf = <E>(document: BookDocument<E>) => (document.type === 'ENTRIES' ? document.entries : []);

/**
 * Sees to it that each entry of each book is acted on, whichever process wrote it, and however late it did. A process
 * follows what it writes as it writes it. What a process that was stopped has left is followed by any other that
 * catches up, from the position on record on: each document at least once.
 */
export function createFollower<E extends EntryOfPeople>({
  collection,
  log,
  follow,
  ...options
}: FollowerOptions<E>): Follower<E> {
  const { read } = options;
  const books = createFollowedBooks(options.followed, options);
  /** How far each book that this process wrote was followed, without a gap. */
  const followed = new Map<string, number>();
  /** The books of which that is yet to be put on record. */
  const unpublished = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const warn = (error: unknown, message: string) => log.warn({ reason: (error as Error).name }, message);

  async function publish(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const moved = [...unpublished].map((book) => books.advance(book, followed.get(book) ?? 0));
    unpublished.clear();
    try {
      await Promise.all(moved);
    } catch (error) {
      warn(error, 'the positions in ledger books stay unpublished for now');
    }
  }

  /** A document that follows a gap moves nothing: what is in the gap is still to be followed. */
  const advance = ({ book, n }: Place) => {
    if (followed.get(book) !== n - 1) return;
    followed.set(book, n);
    unpublished.add(book);
    timer ??= setTimeout(publish, PUBLISH_MS).unref();
  };

  const group = createGroupCommit<Written<E>>(
    async (written) => {
      await follow(written.flatMap(({ entries }) => entries));
      for (const { place } of written) advance(place);
      await sleep(PAUSE_MS);
    },
    { perWrite: TOGETHER, queued: QUEUED },
    ({ entries }) => entries.reduce((sum, { sids }) => sum + sids.length, 0),
  );

  async function followBook({ _id: book, n }: FollowedBook): Promise<void> {
    const end = { book, n: Number.MAX_SAFE_INTEGER };
    for (let at = Math.max(n, followed.get(book) ?? 0); ; ) {
      const found = collection.find(
        { _id: { $gt: { book, n: at }, $lte: end } } as mongo.Filter<BookDocument<E>>,
        read,
      );
      const documents = unbroken(
        (await found.sort({ _id: 1 }).limit(READ_TOGETHER).toArray()) as BookDocument<E>[],
        at + 1,
      );
      const last = documents.at(-1);
      if (!last) return;
      await follow(documents.flatMap(entriesOf));
      at = last._id.n;
      if (last.type === 'SEAL') {
        followed.delete(book);
        return books.end(book);
      }
      await books.advance(book, at);
      if ((followed.get(book) ?? at) < at) followed.set(book, at);
    }
  }

  const catchingUp = shareRuns(async () => eachAlone(await books.find(), followBook));

  return {
    begin: books.begin,

    note(place, entries) {
      if (!followed.has(place.book)) followed.set(place.book, place.n - 1);
      group.record([{ place, entries }]).catch((error) => warn(error, 'what was shown is followed up later'));
    },

    catchUp: catchingUp.run,

    async close() {
      await group.idle();
      await catchingUp.idle();
      await publish();
    },
  };
}
