import type { Connection } from 'mongoose';
import type { Checked, Fault } from './fault.ts';
import { verifyBooks } from './verify-books.ts';
import { verifyPeople } from './verify-people.ts';

export type { Checked, Fault };

export interface Verification {
  readonly checked: Checked;
  /** At most one for each chain. */
  readonly faults: readonly Fault[];
}

/** Progress is told each time about this many entries or documents were looked at. */
const TOLD_EVERY = 10_000;

/**
 * Checks every hash chain: each person's against the head in their document or tombstone, each book against the heads
 * that are published and those that other books quote. Streams; may run while the gateway does.
 */
export async function verify({
  connection,
  onProgress,
}: {
  connection: Connection;
  onProgress?: (checked: Checked) => void;
}): Promise<Verification> {
  const checked = { people: 0, entries: 0, books: 0, documents: 0, disclosures: 0, audits: 0 };
  const faults: Fault[] = [];
  let calls = 0;
  const findings = {
    report: (fault: Fault) => void faults.push(fault),
    count: (what: keyof Checked, by = 1) => {
      checked[what] += by;
      calls += 1;
      if (calls % TOLD_EVERY === 0) onProgress?.({ ...checked });
    },
  };
  await verifyPeople(connection, findings);
  await verifyBooks(connection, findings);
  return { checked, faults };
}
