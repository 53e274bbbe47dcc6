import type { ShortestOf } from './held-times.ts';

/** Three values, because the negation of "unknown" must never become a permission. */
export type Truth = boolean | undefined;

/**
 * The stored facts of a person that decisions need.
 * Any fact may be missing or malformed: every reader checks it, and a missing fact is unknown.
 */
export interface Facts {
  readonly status?: unknown;
  /** True for a person invented for trials; absent for everybody else. */
  readonly invented?: unknown;
  /** The policy version this person accepted. */
  readonly acceptedVersion?: unknown;
  /** ISO 3166-1 alpha-2; the account's country, else the postal address's, never the billing address's. */
  readonly residence?: unknown;
  /** The date of birth as midnight UTC. Present only if a condition of some version asks for an age. */
  readonly bornOn?: unknown;
  /**
   * By category, the instant from which the retention time of the person's value runs; the earliest possible instant if
   * the person holds no value, the latest if no time runs. Present only for categories in conditions of some version.
   */
  readonly held?: unknown;
  readonly preferences?: unknown;
  /**
   * By purpose, whether the person restricted the use of their data for it. Present only for purposes in conditions of
   * some version.
   */
  readonly restrictions?: unknown;
  /**
   * By consent purpose: `{ given: boolean, at: Date }`, the latest act; at the same instant a withdrawal wins. `tie` is
   * the id of the guardian's tie if a guardian gave it.
   */
  readonly consents?: unknown;
  /** The given consents for single recipients: `{ purpose, partner, at: Date }`, and `tie` as above. */
  readonly recipientConsents?: unknown;
  /** A standing Global Privacy Control opt-out. */
  readonly standingOptOut?: unknown;
  /** Whether the person cleared the opt-out in spite of their browser's signal. No decision asks for it. */
  readonly outlastsSignals?: unknown;
  readonly orders?: unknown;
  readonly subscriptions?: unknown;
  readonly relationships?: unknown;
  readonly socialLinks?: unknown;
  readonly adInteractions?: unknown;
  /** `{ id, status, from, verified }`, `from` being `SUBJECT` or `GUARDIAN`. */
  readonly privacyCases?: unknown;
  /** Data collected for optional programs only. */
  readonly programs?: unknown;
  /** `{ id, kind, authority, categories, from, until }`, with `from <= now < until` in force. */
  readonly legalProcesses?: unknown;
  /**
   * By kind, whether the calling member holds this tie to the person. Made for each decision from the caller's ties; no
   * document holds it.
   */
  readonly ties?: unknown;
}

/** The properties of a recipient that decisions need. */
export interface Recipient {
  readonly clientId: string;
  readonly kind: string;
  /** False for a suspended record: it may receive nothing, even with a contract in force. */
  readonly active: boolean;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
  /** Null: none on file. */
  readonly contract: Contract | null;
  /** The time of the first announcement of this recipient's succession. */
  readonly successionAnnouncedAt: Date | null;
}

/** A contract to try things out under shows invented people alone. */
export const CONTRACT_MODES = ['LIVE', 'TEST'] as const;
export type ContractMode = (typeof CONTRACT_MODES)[number];

/** In force while `from <= now < until`; a missing bound is unbounded. */
export interface Contract {
  /** `LIVE` where it is left out. */
  readonly mode?: ContractMode;
  readonly from: Date | null;
  readonly until: Date | null;
  readonly purposes: readonly string[];
  /** The recipient's attributes by id: true, false, or the time until which the attribute holds. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** The numbers and lists of the policy that facts are compared with. */
export interface Measures {
  readonly noticeHours: number;
  readonly transferRegion: Region;
  /** By the ids in conditions. */
  readonly regions: ReadonlyMap<string, Region>;
  /** In milliseconds, by the id of a consent that ends by itself. */
  readonly consentPeriods: ReadonlyMap<string, number>;
  /** Retention times that may apply to categories in `held` conditions; without an entry, data is kept for good. */
  readonly heldTimes?: ReadonlyMap<string, readonly ShortestOf[]>;
}

/** ISO 3166-1 alpha-2 codes. */
export type Region = ReadonlySet<string>;

/** Everything a condition may look at. */
export interface Situation {
  readonly facts: Facts;
  readonly recipient: Recipient | null;
  readonly now: Date;
  readonly measures: Measures;
}

/** A situation without the person and the numbers of the policy. */
export type Caller = Pick<Situation, 'recipient' | 'now'>;
