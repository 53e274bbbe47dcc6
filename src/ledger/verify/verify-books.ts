import { AUDIT_BOOKS, DISCLOSURE_BOOKS } from '../../store/mongo/collections.ts';
import { createQuotedHeads, findQuoteFaults } from '../book/quoted-heads.ts';
import { walkBooks } from '../book/walk-books.ts';
import { type ChainFault, isFault } from './chain-check.ts';
import { type Findings, faultAt } from './fault.ts';
import type { StoredChains } from './stored-chains.ts';

const BOOKS = [
  { name: DISCLOSURE_BOOKS, counted: 'disclosures' },
  { name: AUDIT_BOOKS, counted: 'audits' },
] as const;

/** The first fault of each book, by any of the checks. */
const createFirstFaults = () => {
  const first = new Map<string, ChainFault>();
  return {
    note: (book: string, fault: ChainFault): void => {
      if (fault.n < (first.get(book)?.n ?? Number.POSITIVE_INFINITY)) first.set(book, fault);
    },
    all: () => [...first],
  };
};

/**
 * Follows every book, then compares it with its published head and with the heads that other books quote.
 * A book may be longer than any of them. Heads are read after the books, which only grow: it may run meanwhile.
 */
export async function verifyBooks(chains: StoredChains, { count, report }: Findings): Promise<void> {
  const quoted = createQuotedHeads();
  const faults = BOOKS.map(({ name, counted }) => ({ name, counted, ...createFirstFaults() }));

  for (const { name, counted, note } of faults)
    await walkBooks(chains.documents(name), {
      onQuote: quoted.add,
      onDocument: (people) => {
        count('documents');
        count(counted, people);
      },
      onBook: async ({ book, step, documents }) => {
        count('books');
        if (isFault(step)) note(book, step);
        // a writer publishes its head before the first entry
        else if (documents > 1 && !(await chains.hasHead(book))) note(book, { n: 0, kind: 'NO_HEAD' });
      },
    });

  for await (const { _id: book, collection, n, hash } of chains.heads()) quoted.add({ book, collection, n, hash });

  for (const { name, note, all } of faults) {
    for await (const { book, ...fault } of findQuoteFaults(chains, name, quoted.of(name))) note(book, fault);
    for (const [book, fault] of all()) report(faultAt(name, `${book}.${fault.n}`, fault));
  }
}
