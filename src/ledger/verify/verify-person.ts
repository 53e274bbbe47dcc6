import type { Head } from '../chain/entry.ts';
import { type ChainFault, follow, isFault, type Link, type Step, startOf } from './chain-check.ts';
import { type ChainEntry, isMend, type MendOf, unfold } from './mended-chain.ts';
import { peekable } from './peekable.ts';

/** The records of a person's chain in other places. */
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

/** A mend stands after everything that it found, and says which head it continues. */
const followPerson = (head: Head, link: Link): Step => {
  const { n, body } = link;
  const goesOn = isMend(body) && body.head.n === head.n && body.head.hash === head.hash && Number(n) > head.n;
  return follow(goesOn ? { n: Number(n) - 1, hash: head.hash } : head, link);
};

/**
 * Follows one person's chain from its first entry to the head on record.
 *
 * @param ledger  the person's entries in the ledger, by number
 * @returns the first fault, or null
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
    const step = followPerson(head, link);
    if (isFault(step)) return step;
    if (known.some(({ n, hash }) => n === step.n && hash !== step.hash)) return { n: step.n, kind: 'FORKED' };
    head = step;
  }
  const last = Math.max(0, ...known.map(({ n }) => n));
  if (head.n < last) return { n: head.n + 1, kind: 'CUT_OFF' };
  return head.n > last ? { n: last + 1, kind: 'NOT_ON_RECORD' } : null;
}

/** An entry of a person as it is stored. */
export interface StoredEntry extends ChainEntry {
  readonly _id: string;
  readonly sid: string;
}

export const linkOf = ({ prev, hash, ...body }: ChainEntry): Link => ({ n: body.n, prev, hash, body });

async function* linksOf(entries: readonly ChainEntry[]): AsyncGenerator<Link> {
  for (const entry of entries) yield linkOf(entry);
}

/** The entries that are set aside are a chain too: it parts from the person's own, and ends with the head in the mend. */
function findForkFault(
  { fork }: MendOf<ChainEntry>,
  chain: readonly ChainEntry[],
  setAside: readonly ChainEntry[],
): ChainFault | null {
  const parting = chain.findLast(({ n }) => n < fork.from);
  let head: Head = { n: fork.from - 1, hash: parting?.hash ?? startOf(1).hash };
  for (const entry of setAside.filter(({ n }) => fork.from <= n && n <= fork.n)) {
    const step = follow(head, linkOf(entry));
    if (isFault(step)) return step;
    head = step;
  }
  if (head.n < fork.n) return { n: head.n + 1, kind: 'CUT_OFF' };
  return head.hash === fork.hash ? null : { n: fork.n, kind: 'FORKED' };
}

/**
 * Follows a person's chain with all entries at hand, past the entries that mends have set aside.
 *
 * @param settled  the person's entries in the ledger
 * @param waiting  those that wait in the person's document
 * @returns the first fault, or null; and the numbers of the mends
 */
export async function checkPerson(
  heads: PersonRecord['heads'],
  settled: readonly ChainEntry[],
  waiting: readonly ChainEntry[],
): Promise<{ readonly fault: ChainFault | null; readonly mends: readonly number[] }> {
  const { chain, mends, setAside } = unfold(settled, waiting);
  const faults = [
    await findPersonFault({ heads, outbox: [] }, linksOf(chain)),
    ...mends.map((mend) => findForkFault(mend, chain, setAside)),
  ].filter((fault) => fault !== null);
  const [fault = null] = faults.sort((a, b) => a.n - b.n);
  return { fault, mends: mends.map(({ n }) => n) };
}
