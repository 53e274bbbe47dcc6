import type { Access } from '../../store/mongo/collections.ts';
import { createChains } from '../../store/mongo/repositories/chains.ts';
import type { BookDocument } from '../book/book-document.ts';
import type { Checked, Fault, Mended } from './fault.ts';
import { verifyBooks } from './verify-books.ts';
import { verifyPeople } from './verify-people.ts';
import type { StoredEntry } from './verify-person.ts';

export type { Checked, Fault, Mended };

export interface Verification {
  readonly checked: Checked;
  /** At most one for each chain. */
  readonly faults: readonly Fault[];
  /** Left out where no chain was ever mended. */
  readonly mended?: readonly Mended[];
}

/** Progress is told each time about this many entries or documents were looked at. */
const TOLD_EVERY = 10_000;

/**
 * Checks every hash chain: each person's against the head in their document or tombstone, each book against the heads
 * that are published and those that other books quote. Streams; may run while the gateway does.
 *
 * @param onProgress told now and then how much was checked so far
 */
export async function verify(store: Access, onProgress?: (checked: Checked) => void): Promise<Verification> {
  const chains = createChains<StoredEntry, BookDocument>(store);
  const checked = { people: 0, entries: 0, books: 0, documents: 0, disclosures: 0, audits: 0 };
  const faults: Fault[] = [];
  const mended: Mended[] = [];
  let calls = 0;
  const findings = {
    report: (fault: Fault) => void faults.push(fault),
    reportMend: (mend: Mended) => void mended.push(mend),
    count: (what: keyof Checked, by = 1) => {
      checked[what] += by;
      calls += 1;
      if (calls % TOLD_EVERY === 0) onProgress?.({ ...checked });
    },
  };
  await verifyPeople(chains, findings);
  await verifyBooks(chains, findings);
  return { checked, faults, ...(mended.length > 0 && { mended }) };
}
