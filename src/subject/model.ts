import type { Head, PersonEntry, PersonEntryBody } from '../ledger/chain/person-chain.ts';
import type { Facts } from '../policy/facts.ts';
import type { DataCategory } from '../policy/vocabulary.ts';
import type { Billing } from './billing.ts';
import type { SubjectId } from './identifiers.ts';
import type { SealedValues } from './values.ts';

/** The facts about a person's address that need no key. */
export interface Mailbox {
  /** Marks the mailbox; equal for all spellings of one. */
  readonly mark: string;
  readonly proven: boolean;
}

/** The value before a correction by the person; sealed, as JSON, at its place among the corrections. */
export interface Correction {
  readonly id: string;
  readonly category: DataCategory;
  readonly at: Date;
  readonly previousValue: string;
  /** When the previous value itself was written; only for categories that are kept for a time. */
  readonly written?: Date;
}

/**
 * The latest request of a person not to use their data for one purpose; earlier ones are in the ledger.
 *
 * @see 45 CFR 164.522(a) (right to request restriction), GDPR art. 18 and 21
 */
export interface Restriction {
  readonly purpose: string;
  readonly state: Extract<PersonEntryBody, { type: 'RESTRICTION' }>['action'];
  readonly requestedAt: Date;
  /** When the state began. */
  readonly at: Date;
}

/** The ground of a seal: a birth date that the person gave, or one of those that staff may seal on. */
export type SealGround = Extract<PersonEntryBody, { type: 'SEALING' }>['learnedBy'];

/** The last seal of an account, as far as lifting it needs. */
export interface Seal {
  readonly by: SealGround;
  /** The status before. */
  readonly was: 'ACTIVE' | 'REFUSED';
  /** Whether the person can lift it by another birth date: once, and only where nobody else sealed the account. */
  readonly isTheirsToLift: boolean;
}

/** How far the ends of a person's consents have been told. */
export interface ConsentEnds {
  /** When the sweep looks at the person; missing where nothing is left to tell. */
  readonly dueAt?: Date;
  /** When the person was last told of consents that end soon. */
  readonly toldAt?: Date;
  /** The ends of all consents that were over then are on record. */
  readonly endedAt?: Date;
}

/** The one document that holds the truth of every fact a decision needs of a person. */
export interface PersonDocument {
  readonly _id: SubjectId;
  /** The id by which members, visitors and staff know the person; a partner knows a pseudonym. */
  readonly publicId: string;
  readonly avatarName: string;
  /** The avatar name as look-ups compare it; world files can give one to several people. */
  readonly foldedName: string;
  /** Missing where no address is held. */
  readonly mailbox?: Mailbox;
  readonly values: SealedValues;
  /** Cards and billing addresses, in the order in which they were given. */
  readonly billings?: readonly Billing[];
  readonly facts: Facts;
  /** The newest first. */
  readonly corrections?: readonly Correction[];
  /** The latest restriction for each purpose. */
  readonly restrictions?: readonly Restriction[];
  /** The last write of each category that is kept for a time, as far as it is known. */
  readonly written?: Readonly<Partial<Record<DataCategory, Date>>>;
  /** When the sweep looks for expired values; missing where nothing is kept for a time. */
  readonly retentionDueAt?: Date;
  /** For values that a legal process holds beyond their time: when the ledger told that they are over. */
  readonly expiryTold?: Readonly<Partial<Record<DataCategory, Date>>>;
  /** Missing where no consent of the person ends by itself. */
  readonly consentEnds?: ConsentEnds;
  /** When all that is held of a child is to be deleted. */
  readonly deletionDueAt?: Date;
  /** The last seal; one from a world file is not known. */
  readonly seal?: Seal;
  /** The keyed call that opened the account, if any: repeated, it finds the account that it made. */
  readonly openedBy?: string;
  /** Counts the changes of this document, so that two at once can't overwrite each other. */
  readonly revision: number;
  /** The person's chain of acts: its head, and entries on their way into the ledger. */
  readonly ledger: {
    readonly head: Head;
    readonly outbox: readonly PersonEntry[];
    /** The number of the last act that takes something back, while its notices may not be in place. */
    readonly untold?: number;
    /** Whether a mend has set entries aside: then the ledger holds more than the person's own chain. */
    readonly mended?: true;
  };
}

/** The writes of a change to a person's document, and its entries in the ledger. */
export interface Change {
  readonly set?: Readonly<Record<string, unknown>>;
  /** Paths to remove. */
  readonly unset?: readonly string[];
  readonly entries: readonly PersonEntryBody[];
}

/** The facts of a person once their erasure has begun: none that any decision could hold on to. */
export const ERASED: Facts = Object.freeze({ status: 'ERASED' });
export const isErased = ({ facts }: Pick<PersonDocument, 'facts'>) => facts.status === ERASED.status;
