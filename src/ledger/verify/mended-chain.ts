import type { Head } from '../chain/entry.ts';

/** The parts of an entry that its place in a chain depends on. */
export interface ChainEntry {
  readonly n: number;
  readonly prev: string;
  readonly hash: string;
}

/** An entry that sets others aside, as far as its stored form tells. */
export interface MendOf<E extends ChainEntry> {
  readonly fork: Head & { readonly from: number };
  readonly head: Head;
  readonly displaced: readonly E[];
}

/** One person's chain, and the entries of the ledger that are set aside; each by number. */
export interface UnfoldedChain<E extends ChainEntry> {
  /** An entry that is on its way stands here twice, as it is in either place. */
  readonly chain: readonly E[];
  readonly mends: readonly (E & MendOf<E>)[];
  readonly setAside: readonly E[];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isHead = (value: unknown): value is Head =>
  isRecord(value) && Number.isInteger(value.n) && typeof value.hash === 'string';

/** Whether an entry is a mend that can be read; one that can't be is an entry like any other. */
export const isMend = <E extends object>(entry: E): entry is E & MendOf<E & ChainEntry> => {
  const { type, fork, head, displaced } = entry as Record<string, unknown>;
  return (
    type === 'MEND' &&
    isHead(fork) &&
    Number.isInteger((fork as { from?: unknown }).from) &&
    isHead(head) &&
    Array.isArray(displaced) &&
    displaced.every(isHead)
  );
};

const byNumber = (a: ChainEntry, b: ChainEntry) => a.n - b.n;

/** Mends among entries, and those that were displaced themselves. */
function* mendsAmong<E extends ChainEntry>(entries: readonly E[]): Generator<E & MendOf<E>> {
  for (const entry of entries)
    if (isMend(entry)) {
      const mend = entry as E & MendOf<E>;
      yield mend;
      yield* mendsAmong(mend.displaced);
    }
}

/**
 * Tells a person's own chain from the entries that are set aside.
 *
 * @param settled  the person's entries in the ledger
 * @param waiting  those that wait in the person's document
 */
export function unfold<E extends ChainEntry>(settled: readonly E[], waiting: readonly E[]): UnfoldedChain<E> {
  const mends = [...new Map([...mendsAmong([...settled, ...waiting])].map((mend) => [mend.hash, mend])).values()];
  const isSetAside = ({ n }: E) => mends.some(({ fork }) => fork.from <= n && n <= fork.n);
  const own = [...settled.filter((entry) => !isSetAside(entry)), ...mends.flatMap(({ displaced }) => displaced)];
  return {
    chain: [...own, ...waiting].sort(byNumber),
    mends: mends.sort(byNumber),
    setAside: settled.filter(isSetAside).sort(byNumber),
  };
}
