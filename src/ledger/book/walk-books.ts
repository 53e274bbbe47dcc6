import { follow, isFault, type Link, type Step, startOf } from '../verify/chain-check.ts';
import type { BookDocument, QuotedHead } from './book-document.ts';

/** One book while its documents go by. */
export interface BookWalk {
  readonly book: string;
  /** The head after the last good document, or the first fault. */
  readonly step: Step;
  readonly documents: number;
  readonly sealed: boolean;
}

export interface BookWatcher {
  /** @param people  how many people its entries speak of, each counted in each */
  onDocument(people: number): void;
  onBook(walk: BookWalk): Promise<void>;
  /** A head that an intact opening quotes. */
  onQuote(head: QuotedHead): void;
}

const linkOf = ({ prev, hash, ...body }: BookDocument): Link => ({ n: body._id.n, prev, hash, body });
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const peopleIn = (entries: unknown) =>
  listOf(entries).reduce<number>((sum, entry) => sum + listOf((entry as { sids?: unknown } | null)?.sids).length, 0);

const stepTo = ({ step, sealed }: BookWalk, document: BookDocument): Step => {
  if (isFault(step)) return step;
  return sealed ? { n: step.n + 1, kind: 'AFTER_SEAL' } : follow(step, linkOf(document));
};

/**
 * Follows every book of a collection from its opening to its last document, holding one document at a time.
 *
 * @param documents  by book and number
 */
export async function walkBooks(
  documents: AsyncIterable<BookDocument>,
  { onDocument, onBook, onQuote }: BookWatcher,
): Promise<void> {
  let walk: BookWalk | null = null;
  for await (const document of documents) {
    const { book } = document._id;
    if (walk && walk.book !== book) await onBook(walk);
    const before: BookWalk = walk?.book === book ? walk : { book, step: startOf(0), documents: 0, sealed: false };
    walk = {
      book,
      step: stepTo(before, document),
      documents: before.documents + 1,
      sealed: before.sealed || document.type === 'SEAL',
    };
    onDocument(document.type === 'ENTRIES' ? peopleIn(document.entries) : 0);
    if (document.type === 'OPEN' && !isFault(walk.step))
      for (const head of listOf(document.heads)) onQuote(head as QuotedHead);
  }
  if (walk) await onBook(walk);
}
