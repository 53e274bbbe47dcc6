import type { DataCategory } from '../../policy/vocabulary.ts';

/**
 * A disclosure to a third party by one response, about all the people with the same categories: categories, never
 * values; none for an id alone.
 */
export interface DisclosureEntry {
  /** Each of them once. */
  readonly sids: readonly string[];
  /**
   * The number of the last entry in the ledger of each of them when their document was read, in the order of `sids`.
   * Disclosures to authorities have none, nor have those of versions that recorded no positions.
   */
  readonly positions?: readonly number[];
  readonly recipientKind: 'PARTNER' | 'AUTHORITY';
  /** The partner's client id, or the authority's name. */
  readonly recipient: string;
  readonly purpose: string;
  readonly clauses: readonly string[];
  readonly categories: readonly DataCategory[];
  /** The policy version that the decision was made under. */
  readonly policyVersion: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly requestId: string;
  readonly tokenId: string;
  /** When the person may learn of it, where a legal process defers that; written as `at` is. */
  readonly visibleFrom?: string;
  readonly legalProcess?: string;
  /** The id of a report of activity, where its call may come again. */
  readonly report?: string;
}
