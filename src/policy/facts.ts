import type { ShortestOf } from './held-times.ts';

/** Three values, because "we do not know" must never turn into permission by being negated. */
export type Truth = boolean | undefined;

/**
 * The facts of a person that decisions need, as they are held.
 * Nothing here is trusted to be present or well formed: every reader checks, and what is missing is unknown.
 */
export interface Facts {
  readonly status?: unknown;
  /** True for somebody who was made up to try things out on. It is there for nobody else. */
  readonly invented?: unknown;
  /** The policy version this person accepted. */
  readonly acceptedVersion?: unknown;
  /** ISO 3166-1 alpha-2; the account's country, else the postal address's, never the billing address's. */
  readonly residence?: unknown;
  /** The date of birth as midnight UTC. It is there only where a condition of some version asks for an age. */
  readonly bornOn?: unknown;
  /**
   * By category, the instant from which what the person holds counts; the earliest instant there is where they hold
   * nothing, and the latest where it has no end. It is there only for categories that a condition of some version asks for.
   */
  readonly held?: unknown;
  readonly preferences?: unknown;
  /**
   * By purpose, whether the person restricted the use of their data for it. It is there only for purposes that a condition
   * of some version asks for.
   */
  readonly restrictions?: unknown;
  /**
   * By consent purpose: `{ given: boolean, at: Date }`, the latest act by instant, a withdrawal winning a tie. With the id
   * of a tie as `tie` where a guardian gave it by that.
   */
  readonly consents?: unknown;
  /** Consents given for one recipient each, as far as they are given: `{ purpose, partner, at: Date }`, and `tie` alike. */
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
  /** What was collected for optional programs alone. */
  readonly programs?: unknown;
  /** `{ id, kind, authority, categories, from, until }`, with `from <= now < until` in force. */
  readonly legalProcesses?: unknown;
  /**
   * By kind, whether the member who asks holds this tie to the person. It is put together for each decision from the
   * ties of the caller, and stands in no document.
   */
  readonly ties?: unknown;
}

/** What decisions need to know of a recipient. */
export interface Recipient {
  readonly clientId: string;
  readonly kind: string;
  /** False for a suspended record: it may receive nothing, whatever its contract. */
  readonly active: boolean;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
  /** Null: none on file. */
  readonly contract: Contract | null;
  /** When this recipient's succession was first announced. */
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
  /** What it says of the recipient, by the id of an attribute: true, false, or until when it holds. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** The numbers and lists of the policy that facts are measured against. */
export interface Measures {
  readonly noticeHours: number;
  readonly transferRegion: Region;
  /** By the ids that conditions name them by. */
  readonly regions: ReadonlyMap<string, Region>;
  /** In milliseconds, by the id of a consent that ends by itself. */
  readonly consentPeriods: ReadonlyMap<string, number>;
  /** The times that may apply to values of categories that conditions ask for; kept for good where it has none. */
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

/** Everything of a situation but the person and the numbers of the policy. */
export type Caller = Pick<Situation, 'recipient' | 'now'>;
