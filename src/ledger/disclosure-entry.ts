import type { DataCategory } from '../policy/vocabulary.ts';

/**
 * What a third party was shown by one response, of all the people of whom it was shown the same: categories, never
 * values; none for an id alone.
 */
export interface DisclosureEntry {
  /** Each of them once. */
  readonly sids: readonly string[];
  /**
   * How far the ledger of each of them had come when their document was read, in the order of `sids`. What the ledger
   * says after that number had not been seen. Entries from before positions were recorded have none.
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
}
