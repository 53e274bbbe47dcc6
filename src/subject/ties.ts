import { badInput } from '../base/errors.ts';
import { recordsIn } from '../base/records.ts';
import type { Facts } from '../policy/facts.ts';
import type { DataCategory } from '../policy/vocabulary.ts';

/** A relationship of a person with one partner; there is at most one of a kind with each. */
interface Tie {
  /** The client id. */
  readonly partner: string;
}

/**
 * That the person interacted with an advertisement, and when first. The content that they saw, or their acts there, are
 * not held.
 */
export interface AdInteraction extends Tie {
  readonly at: Date;
}

export interface Relationship extends Tie {
  readonly active: boolean;
}

export interface SocialLink extends Tie {
  readonly autoPost: boolean;
  /** The categories taken in from there; missing where the link is older than the record of them. */
  readonly takenIn?: readonly DataCategory[];
  readonly at?: Date;
}

/** A consent that the person gave for one recipient. */
export interface RecipientConsent extends Tie {
  readonly purpose: string;
  readonly at: Date;
  /** The id of the tie between two people by which a guardian gave it. */
  readonly tie?: string;
}

export const recipientConsentsOf = ({ recipientConsents }: Facts) => recordsIn<RecipientConsent>(recipientConsents);

/** Whether a consent is the one for a recipient, by its client id. */
export const isFor =
  (purpose: string, recipient: string) =>
  (consent: RecipientConsent): boolean =>
    consent.purpose === purpose && consent.partner === recipient;

export const withoutConsent = (consents: readonly RecipientConsent[], purpose: string, recipient: string) =>
  consents.filter((consent) => !isFor(purpose, recipient)(consent));

export const adInteractionsOf = ({ adInteractions }: Facts) => recordsIn<AdInteraction>(adInteractions);
export const relationshipsOf = ({ relationships }: Facts) => recordsIn<Relationship>(relationships);
export const socialLinksOf = ({ socialLinks }: Facts) => recordsIn<SocialLink>(socialLinks);

export const tieWith = <T extends Tie>(ties: readonly T[], partner: string): T | undefined =>
  ties.find((tie) => tie.partner === partner);

export const withoutTie = <T extends Tie>(ties: readonly T[], partner: string): T[] =>
  ties.filter((tie) => tie.partner !== partner);

/** They are kept in the person's document, which must not grow without end. */
const MOST_TIES = 500;

/** @throws {ApiError} BAD_INPUT where there are too many */
export function withTie<T extends Tie>(ties: readonly T[], tie: T): T[] {
  const others = withoutTie(ties, tie.partner);
  if (others.length >= MOST_TIES) throw badInput('partner', `no more than ${MOST_TIES} partners at a time`);
  return [...others, tie];
}
