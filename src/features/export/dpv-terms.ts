import { categoryNamed, type DataCategory, type LegalBasis, type Vocabulary } from '../../policy/vocabulary.ts';

/**
 * The terms of an export.
 *
 * @see https://w3id.org/dpv (Data Privacy Vocabulary), https://w3id.org/dpv/pd (its categories of personal data)
 */
export const CONTEXT = {
  dpv: 'https://w3id.org/dpv#',
  pd: 'https://w3id.org/dpv/pd#',
  dct: 'http://purl.org/dc/terms/',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  '@vocab': 'urn:assent:terms#',
} as const;

/** The profile of consent records: ISO/IEC TS 27560:2023 in the form that the DPV gives it. */
export const CONSENT_RECORD_PROFILE = 'https://w3id.org/dpv/schema/dpv-27560#record';

/** The nearest term for a data category, as the vocabulary has it. */
export const termsOf =
  (vocabulary: Vocabulary) =>
  (category: DataCategory): string =>
    categoryNamed(vocabulary, category)?.dpv ?? 'dpv:PersonalData';

export const LEGAL_BASIS_TERMS: Readonly<Record<LegalBasis, string>> = {
  CONSENT: 'dpv:Consent',
  CONTRACT: 'dpv:Contract',
  LEGAL_OBLIGATION: 'dpv:LegalObligation',
  LEGITIMATE_INTEREST: 'dpv:LegitimateInterest',
};
