import { type ChainFault, follow, isFault, type Link, startOf } from './chain-check.ts';
import type { Head } from './entry.ts';
import { peekable } from './peekable.ts';

/** What other places say of a person's chain. */
export interface PersonRecord {
  /** The heads that the person's document and tombstone put on record; null for one that can't be read. */
  readonly heads: readonly (Head | null)[];
  /** Entries that wait in the person's document, in any order. */
  readonly outbox: readonly Link[];
}

/** The entries of the ledger and of the outbox in the order of their numbers. */
async function* merge(ledger: AsyncIterable<Link>, outbox: readonly Link[]): AsyncGenerator<Link> {
  const settled = peekable(ledger);
  for (const waiting of [...outbox].sort((a, b) => Number(a.n) - Number(b.n))) {
    for (let link = await settled.peek(); link && Number(link.n) <= Number(waiting.n); link = await settled.peek()) {
      await settled.take();
      yield link;
    }
    yield waiting;
  }
  for (let link = await settled.take(); link; link = await settled.take()) yield link;
}

const NO_HEAD: ChainFault = { n: 1, kind: 'NO_HEAD' };

/**
 * Follows one person's chain from its first entry to the head on record.
 *
 * @param ledger  the person's entries in the ledger, by number
 * @returns what is wrong first, or null
 */
export async function findPersonFault(
  { heads, outbox }: PersonRecord,
  ledger: AsyncIterable<Link>,
): Promise<ChainFault | null> {
  if (heads.includes(null)) return NO_HEAD;
  const known = heads.filter((head) => head !== null);
  let head = startOf(1);
  for await (const link of merge(ledger, outbox)) {
    if (known.length === 0) return NO_HEAD;
    const step = follow(head, link);
    if (isFault(step)) return step;
    if (known.some(({ n, hash }) => n === step.n && hash !== step.hash)) return { n: step.n, kind: 'FORKED' };
    head = step;
  }
  const last = Math.max(0, ...known.map(({ n }) => n));
  if (head.n < last) return { n: head.n + 1, kind: 'CUT_OFF' };
  return head.n > last ? { n: last + 1, kind: 'NOT_ON_RECORD' } : null;
}
