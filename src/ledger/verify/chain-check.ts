import { GENESIS, type Head, hashOf } from '../chain/entry.ts';

/** The faults that a chain can have, told by the first entry that shows one. */
export const FAULTS = {
  ALTERED: 'its content was changed',
  MISPLACED: 'it was written for another place in the chain',
  MISSING: 'it was removed, and later entries are there',
  FORKED: 'it is not the entry that later entries, or quotes of it, were written after',
  CUT_OFF: 'it was removed, and everything after it',
  NOT_ON_RECORD: 'it lies beyond the head on record',
  NO_HEAD: 'there is no head on record for its chain',
  AFTER_SEAL: 'it comes after the end of its book',
} as const;
export type FaultKind = keyof typeof FAULTS;

export interface ChainFault {
  readonly n: number;
  readonly kind: FaultKind;
}

/** An entry as it is stored, told apart from the hashes that bind it to the chain. */
export interface Link {
  readonly n: unknown;
  readonly prev: unknown;
  readonly hash: unknown;
  readonly body: object;
}

/** How far a chain has been followed. */
export type Step = Head | ChainFault;

export const isFault = (step: Step | null): step is ChainFault => step !== null && 'kind' in step;

const hashes = (prev: unknown, body: object): string | null => {
  try {
    return hashOf(String(prev), body);
  } catch {
    return null;
  }
};

const faultOf = ({ prev, hash, body }: Link, before: string): FaultKind | null => {
  const intact = hashes(prev, body) === hash;
  if (prev === before) return intact ? null : 'ALTERED';
  if (intact) return 'FORKED';
  return hashes(before, body) === hash ? 'ALTERED' : 'MISPLACED';
};

/** The head before the first entry of a chain that begins with this number. */
export const startOf = (first: 0 | 1): Head => ({ n: first - 1, hash: GENESIS });

/**
 * Follows a chain by one entry, which has to be the next one, or the same one again from a second place.
 *
 * @returns the head after it, or the fault
 */
export function follow(head: Head, link: Link): Step {
  if (link.n === head.n && link.hash === head.hash)
    return hashes(link.prev, link.body) === link.hash ? head : { n: head.n, kind: 'ALTERED' };
  const n = head.n + 1;
  if (typeof link.n !== 'number') return { n, kind: 'ALTERED' };
  if (link.n > n) return { n, kind: 'MISSING' };
  if (link.n < n) return { n: link.n, kind: 'FORKED' };
  const kind = faultOf(link, head.hash);
  if (kind === null) return { n, hash: String(link.hash) };
  // this entry is intact and names another predecessor: the predecessor was exchanged
  return { n: kind === 'FORKED' && head.hash !== GENESIS ? head.n : n, kind };
}
