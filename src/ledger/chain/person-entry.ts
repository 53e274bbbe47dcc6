import type { DataCategory, Preference, StaffRole } from '../../policy/vocabulary.ts';
import type { Head, Placement, Sealed } from './entry.ts';

/** `RESTORE`: the person was erased before, and a backup brought the record back. */
export type ErasureGround = 'REQUEST' | 'CHILD' | 'RESTORE';

/** An act of a person, or an act done in their name, with the time as ISO 8601 in UTC with milliseconds. */
export type PersonEntryBody = { readonly at: string } & (
  | {
      readonly type: 'PREFERENCES';
      readonly changes: Readonly<Partial<Record<Preference, boolean>>>;
      /** `SUPPRESSION`: the mailbox was unsubscribed when an account had it before. */
      readonly source: 'DEFAULT' | 'PERSON' | 'SIGNAL' | 'SUPPRESSION';
    }
  | {
      readonly type: 'CONSENT';
      readonly purpose: string;
      /** The client id of the recipient that it is given for, where it is given for each. */
      readonly recipient?: string;
      readonly action: 'GIVEN' | 'WITHDRAWN';
      readonly policyVersion: string;
      readonly expression: 'EXPRESS' | 'BUNDLED';
      /**
       * The id of the tie by which a guardian acted; or of the tie that ended and took back the consents given by it.
       */
      readonly tie?: string;
    }
  /** A consent that ends by itself has ended: one that the person gave, or their guardian. */
  | { readonly type: 'CONSENT_END'; readonly purpose: string; readonly recipient?: string }
  /**
   * The person acted on a consent of another person, as their guardian; or the tie ended and took back the consents
   * given by it.
   */
  | {
      readonly type: 'CONSENT_FOR';
      readonly tie: string;
      readonly purpose: string;
      readonly recipient?: string;
      readonly action: 'GIVEN' | 'WITHDRAWN';
    }
  | { readonly type: 'ACCEPTANCE'; readonly version: string; readonly mode: 'EXPLICIT' | 'DEEMED' }
  | { readonly type: 'REFUSAL'; readonly version: string }
  | {
      readonly type: 'PRIVACY_CASE';
      readonly case: string;
      /** A guardian's case is in the record from when it was verified. */
      readonly status: 'OPEN' | 'VERIFIED' | 'CLOSED';
      readonly from: 'PERSON' | 'GUARDIAN';
    }
  | {
      readonly type: 'ORDER';
      readonly order: string;
      readonly status: 'OPEN' | 'FAILED' | 'FILLED' | 'CANCELLED';
    }
  | { readonly type: 'SUBSCRIPTIONS'; readonly count: number }
  | { readonly type: 'PHOTOS_REMOVED' | 'POSTS_REMOVED'; readonly count: number }
  /** With the id of the thing added, where the call may come again. */
  | { readonly type: 'PHOTO_ADDED' | 'ACTIVITY_ADDED'; readonly count: number; readonly added?: string }
  | { readonly type: 'ITEM_ADDED'; readonly category: DataCategory; readonly added?: string }
  | { readonly type: 'ITEMS_REMOVED'; readonly category: DataCategory; readonly count: number }
  /** Staff wrote values: into lists, or in the place of others. */
  | {
      readonly type: 'WRITE';
      readonly role: StaffRole;
      readonly categories: readonly DataCategory[];
      /** The categories with a value that another took the place of. */
      readonly replaced: readonly DataCategory[];
      /** The id of the call, where that may come again. */
      readonly added?: string;
    }
  | { readonly type: 'OPT_OUT'; readonly signal: 'GPC'; readonly standing: boolean }
  | {
      readonly type: 'CORRECTION' | 'DELETION';
      readonly categories: readonly DataCategory[];
      /** The person resides in another country now, or in none, as far as anything says so. */
      readonly moved?: true;
    }
  /** The time was over for which values of these categories are kept, or the company holds them no more. */
  | { readonly type: 'EXPIRY'; readonly categories: readonly DataCategory[] }
  /** A link was followed that was mailed to the address which the person then had. */
  | { readonly type: 'EMAIL_PROOF' }
  /**
   * The person turned out to be a child: by a birth date that they gave (`CORRECTION`), or as privacy staff learned from
   * the birth date on record, from a verified guardian or from a finding of two of them; `STAFF` where that is unknown.
   */
  | {
      readonly type: 'SEALING';
      readonly learnedBy: 'CORRECTION' | 'BIRTH_DATE' | 'GUARDIAN' | 'FINDING' | 'STAFF';
    }
  /** The account was opened again: by another birth date of the person's own, or by privacy staff. */
  | { readonly type: 'UNSEALING'; readonly by: 'CORRECTION' | 'STAFF' }
  | { readonly type: 'AD_INTERACTION'; readonly partner: string }
  | { readonly type: 'RELATIONSHIP'; readonly partner: string; readonly action: 'ENTERED' | 'LEFT' }
  /** The consent to a link with an account elsewhere, and the categories taken in from there. */
  | {
      readonly type: 'SOCIAL_CONNECTION';
      readonly partner: string;
      readonly takenIn: readonly DataCategory[];
      readonly autoPost: boolean;
      readonly policyVersion: string;
      readonly expression: 'EXPRESS';
    }
  | { readonly type: 'SOCIAL_DISCONNECTION'; readonly partner: string; readonly by: 'PERSON' | 'PARTNER' }
  | { readonly type: 'AUTO_POST'; readonly partner: string; readonly on: boolean }
  /** A tie to another person counts from now on, or no longer. It tells no more of that person than the id of the tie. */
  | {
      readonly type: 'TIE';
      readonly tie: string;
      readonly kind: string;
      /** The end that the person is. */
      readonly end: 'HOLDER' | 'SUBJECT' | 'PEER';
      readonly action: 'CONFIRMED' | 'ENDED';
    }
  /**
   * A purpose for which the person asked not to have their data used: as they asked or ended it, or as staff decided.
   */
  | {
      readonly type: 'RESTRICTION';
      readonly purpose: string;
      readonly action: 'REQUESTED' | 'AGREED' | 'DECLINED' | 'ENDED';
    }
  | { readonly type: 'ERASURE'; readonly ground: ErasureGround }
  /**
   * Entries came into the ledger that the person’s document never had, into places that its own entries needed. They stay
   * there, set aside: this entry names the head of each of the two chains and continues the document’s, from a place
   * after both.
   */
  | {
      readonly type: 'MEND';
      /** The entries that are set aside: from which number on, and the last of them. */
      readonly fork: Head & { readonly from: number };
      /** The head of the document’s chain. */
      readonly head: Head;
      /** The document’s entries that lost their places to others, each as it was when it was acknowledged. */
      readonly displaced: readonly PersonEntry[];
    }
);

export type PersonEntryType = PersonEntryBody['type'];
export type PersonEntry = Sealed<PersonEntryBody & Placement>;

/** Which entries of each person are wanted; the newest come first. */
export interface PersonEntrySelection {
  readonly types?: readonly PersonEntryType[];
  /** Only entries with a smaller number, for the next page of one person. */
  readonly before?: number;
  readonly limitPerPerson?: number;
}

/**
 * The ledger's entries about one person together with those still on their way there, newest first.
 *
 * @param found   entries of the ledger, for the same selection, newest first
 * @param outbox  every entry that waits in the person's document
 */
export function mergeOutbox(
  found: readonly PersonEntry[],
  outbox: readonly PersonEntry[],
  { types, before = Number.POSITIVE_INFINITY, limitPerPerson }: PersonEntrySelection = {},
): PersonEntry[] {
  const waiting = outbox.filter(({ type, n }) => n < before && (types?.includes(type) ?? true));
  if (waiting.length === 0) return found.slice(0, limitPerPerson);
  // the document is right where the ledger holds another entry in the place of its own
  const byNumber = new Map([...found, ...waiting].map((entry) => [entry.n, entry]));
  return [...byNumber.values()].sort((a, b) => b.n - a.n).slice(0, limitPerPerson);
}
