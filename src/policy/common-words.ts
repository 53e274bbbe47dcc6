import type { CLAUSE_KINDS, DenialReason, LegalBasis, READINGS } from './vocabulary.ts';

/** Explanations for people of the words in every policy. */

export const REASON_SAYS: Readonly<Record<DenialReason, string>> = {
  NO_CLAUSE: 'No clause of any version of the policy lets this kind of caller see this.',
  WRONG_PURPOSE: 'The policy, or the contract, does not cover this for the purpose of the token.',
  CONTRACT_NOT_IN_FORCE: 'No contract with the partner is in force.',
  MISSING_SCOPE: 'The token’s scope does not name the category.',
  NOT_PERMITTED: 'The policy does not permit it for this person now. It does not say why.',
};

export const LEGAL_BASIS_SAYS: Readonly<Record<LegalBasis, string>> = {
  CONSENT: 'The person agreed.',
  CONTRACT: 'The company needs it to do as the person asked.',
  LEGAL_OBLIGATION: 'The law requires it.',
  LEGITIMATE_INTEREST: 'The company has an interest that the person’s own does not outweigh.',
};

export const CLAUSE_KIND_SAYS: Readonly<Record<(typeof CLAUSE_KINDS)[number], string>> = {
  reveal: 'Lets some callers see some data categories.',
  control: 'Gives the person a switch.',
  duty: 'Obliges the company to do something.',
  limit: 'Forbids something in every case.',
};

/** Without a full stop, since the reason for the reading may follow. */
export const READING_SAYS: Readonly<Record<(typeof READINGS)[number], string>> = {
  LITERAL: 'As the text says it',
  NARROWED: 'More strictly than the text says',
  INFERRED: 'The text needs it without saying it',
};
