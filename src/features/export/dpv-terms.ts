import type { DataCategory, LegalBasis } from '../../policy/vocabulary.ts';

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

/** What consent records conform to: ISO/IEC TS 27560:2023 in the form that the DPV gives it. */
export const CONSENT_RECORD_PROFILE = 'https://w3id.org/dpv/schema/dpv-27560#record';

/** The nearest term for each data category. */
export const CATEGORY_TERMS: Readonly<Record<DataCategory, string>> = {
  AVATAR_NAME: 'pd:Username',
  NAME: 'pd:Name',
  EMAIL: 'pd:EmailAddress',
  GENDER: 'pd:Gender',
  BIRTH_DATE: 'pd:BirthDate',
  AGE: 'pd:Age',
  AGE_BAND: 'pd:AgeRange',
  POSTAL_ADDRESS: 'pd:PhysicalAddress',
  CELL_PHONE: 'pd:TelephoneNumber',
  BILLING_ADDRESS: 'pd:PhysicalAddress',
  PAYMENT_CARD: 'pd:PaymentCard',
  CARD_EXPIRY: 'pd:PaymentCardExpiry',
  PROCESSOR_TOKEN: 'pd:AccountIdentifier',
  PHOTOS: 'pd:Picture',
  POSTS: 'pd:Communication',
  ACTIVITY: 'pd:Behavioral',
  TRANSACTIONS: 'pd:Transactional',
  ACCOUNT: 'pd:PrivacyPreference',
  CORRECTED_VALUE: 'dpv:PersonalData',
};

export const LEGAL_BASIS_TERMS: Readonly<Record<LegalBasis, string>> = {
  CONSENT: 'dpv:Consent',
  CONTRACT: 'dpv:Contract',
  LEGAL_OBLIGATION: 'dpv:LegalObligation',
  LEGITIMATE_INTEREST: 'dpv:LegitimateInterest',
};
