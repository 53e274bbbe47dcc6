import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Where a chain stands: the number and the hash of its last entry. */
export interface Head {
  readonly n: number;
  readonly hash: string;
}

/** The hash before the first entry of every chain. */
export const GENESIS = '0'.repeat(64);

/** The head of a chain that has no entry yet; the first will be number 1. */
export const EMPTY_CHAIN: Head = Object.freeze({ n: 0, hash: GENESIS });

export type Sealed<B> = B & { readonly prev: string; readonly hash: string };

const canonical = (body: object) => canonicalize(body) ?? '';
const digest = (prev: string, text: string) => createHash('sha256').update(prev).update(text).digest('hex');

/**
 * The hash of an entry, 64 characters of lower-case hex: SHA-256 over the previous entry's hash, as those 64 ASCII
 * characters, followed by the UTF-8 bytes of the body's canonical form. The body is the whole document but for `prev`
 * and `hash`.
 *
 * @throws where the body is no JSON (not a number, lone surrogates)
 * @see RFC 8785 (canonical form)
 */
export const hashOf = (prev: string, body: object): string => digest(prev, canonical(body));

/**
 * The body with the hash before it and its own; read back from the canonical form, so that the stored entry is the
 * hashed one.
 */
export function seal<B extends object>(body: B, prev: string): Sealed<B> {
  const text = canonical(body);
  return { ...(JSON.parse(text) as B), prev, hash: digest(prev, text) };
}

/** Where an entry stands in a person's chain. `_id` is `<sid>:<n>`. */
export interface Placement {
  readonly _id: string;
  readonly sid: string;
  readonly n: number;
}

export const entryId = (sid: string, n: number) => `${sid}:${n}`;

/**
 * Continues a person's chain.
 *
 * @returns the finished entries, numbered on from the head, and the head after them
 */
export function append<B extends object>(head: Head, sid: string, bodies: readonly B[]) {
  const entries: Sealed<B & Placement>[] = [];
  let last = head;
  for (const body of bodies) {
    const n = last.n + 1;
    const entry = seal({ ...body, _id: entryId(sid, n), sid, n }, last.hash);
    entries.push(entry);
    last = { n, hash: entry.hash };
  }
  return { entries, head: last };
}
