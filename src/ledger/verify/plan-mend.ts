import { GENESIS, type Head, hashOf } from '../chain/entry.ts';
import type { PersonEntry, PersonEntryBody } from '../chain/person-entry.ts';
import { type ChainFault, follow, isFault, startOf } from './chain-check.ts';
import { isMend, unfold } from './mended-chain.ts';
import { linkOf } from './verify-person.ts';

/** A chain is broken in a way that no second head explains: something was changed or removed. */
export class UnmendableError extends Error {
  override readonly name = 'UnmendableError';
  readonly fault: ChainFault;
  constructor(fault: ChainFault) {
    super(`The chain can't be mended from entry ${fault.n} on: ${fault.kind}.`);
    this.fault = fault;
  }
}

export interface MendPlan {
  readonly body: Omit<Extract<PersonEntryBody, { type: 'MEND' }>, 'at'>;
  /** The head to continue from: with the hash of the person's own, and a number after which every place is free. */
  readonly from: Head;
}

/** The person's own chain, found backwards from the head of their document, the oldest entry first. */
function chainTo(head: Head, entries: readonly PersonEntry[]): PersonEntry[] {
  const byHash = new Map(entries.map((entry) => [entry.hash, entry]));
  const chain: PersonEntry[] = [];
  let { n, hash } = head;
  while (hash !== GENESIS) {
    const entry = byHash.get(hash);
    if (entry?.n !== n) throw new UnmendableError({ n, kind: 'MISSING' });
    const { prev, hash: _, ...body } = entry;
    if (hashOf(prev, body) !== hash) throw new UnmendableError({ n, kind: 'ALTERED' });
    chain.push(entry);
    ({ n, hash } = isMend(entry) ? entry.head : { n: n - 1, hash: prev });
  }
  if (n !== 0) throw new UnmendableError({ n, kind: 'MISSING' });
  return chain.reverse();
}

/**
 * How to mend a chain when the ledger holds entries that the person's document never had.
 *
 * @param head  of the person's document
 * @param settled  the person's entries in the ledger
 * @param waiting  those that wait in the person's document
 * @returns null if there is nothing to mend; if several chains part from the person's own, the first comes first
 * @throws {UnmendableError} something was changed or removed
 */
export function planMend(
  head: Head,
  settled: readonly PersonEntry[],
  waiting: readonly PersonEntry[],
): MendPlan | null {
  const { chain: known, setAside } = unfold(settled, waiting);
  const own = chainTo(head, known);
  const explained = new Set([...own, ...setAside].map(({ hash }) => hash));
  const strange = settled.filter(({ hash }) => !explained.has(hash)).sort((a, b) => a.n - b.n);
  const [first] = strange;
  if (!first) return null;
  const parting = own.findLast(({ n }) => n < first.n);
  let end: Head = { n: first.n - 1, hash: parting?.hash ?? startOf(1).hash };
  for (const entry of strange) {
    const step = follow(end, linkOf(entry));
    if (isFault(step) && entry === first) throw new UnmendableError(step);
    if (isFault(step)) break;
    end = step;
  }
  const fork = { from: first.n, ...end };
  return {
    body: { type: 'MEND', fork, head, displaced: own.filter(({ n }) => fork.from <= n && n <= fork.n) },
    from: { n: Math.max(head.n, ...settled.map(({ n }) => n)), hash: head.hash },
  };
}
