import type { CLAUSE_KINDS, DenialReason, LegalBasis, READINGS } from './vocabulary.ts';

/** What the words that every policy shares say to people. */

export const REASON_SAYS: Readonly<Record<DenialReason, string>> = {
  NO_CLAUSE: 'No clause of any version of the policy lets this kind of caller see this.',
  WRONG_PURPOSE: 'The policy, or the contract, does not cover this for the purpose of the token.',
  CONTRACT_NOT_IN_FORCE: 'No contract with the partner is in force.',
  MISSING_SCOPE: 'The token’s scope does not name the category.',
  NOT_PERMITTED: 'The policy does not permit it for this person now. It does not say why.',
};

export const LEGAL_BASIS_SAYS: Readonly<Record<LegalBasis, string>> = {
  CONSENT: 'The person agreed.',
  CONTRACT: 'It is needed for what the person asked for.',
  LEGAL_OBLIGATION: 'The law requires it.',
  LEGITIMATE_INTEREST: 'The company has an interest that the person’s own does not outweigh.',
};

export const CLAUSE_KIND_SAYS: Readonly<Record<(typeof CLAUSE_KINDS)[number], string>> = {
  reveal: 'Decides who may see which data category.',
  control: 'Gives the person a switch.',
  duty: 'Obliges the company to do something.',
  limit: 'Says what must never happen.',
};

/** Without a full stop: why a clause was read so follows, where that is told. */
export const READING_SAYS: Readonly<Record<(typeof READINGS)[number], string>> = {
  LITERAL: 'As the text says it',
  NARROWED: 'More strictly than the text says',
  INFERRED: 'The text needs it without saying it',
};
