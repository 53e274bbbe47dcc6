import type { Place } from '../../store/mongo/repositories/books.ts';
import type { ChainFault } from '../verify/chain-check.ts';
import type { StoredChains } from '../verify/stored-chains.ts';
import type { QuotedHead } from './book-document.ts';

/** Heads that are looked up with one command. */
const AT_ONCE = 500;

const placeOf = ({ book, n }: Place) => `${book}.${n}`;

/** Every distinct head that was put on record somewhere outside its book. */
export function createQuotedHeads() {
  const quoted = new Map<string, QuotedHead>();
  return {
    add: (head: QuotedHead): void => void quoted.set(JSON.stringify(head), head),
    of: (collection: string): QuotedHead[] => [...quoted.values()].filter((head) => head.collection === collection),
  };
}

/** Compares heads on record with the books: each has to be there, as the document it was when it was put on record. */
export async function* findQuoteFaults(
  chains: Pick<StoredChains, 'hashesAt' | 'endOf'>,
  name: string,
  heads: readonly QuotedHead[],
): AsyncGenerator<ChainFault & { readonly book: string }> {
  for (let from = 0; from < heads.length; from += AT_ONCE) {
    const some = heads.slice(from, from + AT_ONCE);
    const found = await chains.hashesAt(name, some);
    const hashes = new Map(found.map((document) => [placeOf(document._id), document.hash]));
    for (const head of some) {
      const hash = hashes.get(placeOf(head));
      if (hash !== undefined && hash !== head.hash) yield { book: head.book, n: head.n, kind: 'FORKED' };
      if (hash !== undefined) continue;
      const end = await chains.endOf(name, head.book);
      yield { book: head.book, n: (end?.n ?? -1) + 1, kind: 'CUT_OFF' };
    }
  }
}
