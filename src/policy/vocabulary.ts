/** The words that decisions are made of. Everything else a policy speaks of (purposes, partner kinds ...) is data. */

export const DATA_CATEGORIES = [
  'AVATAR_NAME',
  'NAME',
  'EMAIL',
  'GENDER',
  'BIRTH_DATE',
  'AGE',
  'AGE_BAND',
  'POSTAL_ADDRESS',
  'CELL_PHONE',
  'BILLING_ADDRESS',
  'PAYMENT_CARD',
  'CARD_EXPIRY',
  'PROCESSOR_TOKEN',
  'PHOTOS',
  'POSTS',
  'ACTIVITY',
  'TRANSACTIONS',
  'ACCOUNT',
  'CORRECTED_VALUE',
] as const;
export type DataCategory = (typeof DATA_CATEGORIES)[number];

const MADE_FROM: Readonly<Partial<Record<DataCategory, readonly DataCategory[]>>> = {
  BIRTH_DATE: ['AGE', 'AGE_BAND'],
};

/** A category with those that are made from it: they change and go with it. */
export const withDerived = (category: DataCategory): DataCategory[] => [category, ...(MADE_FROM[category] ?? [])];

export const PREFERENCES = [
  'imvuNewsletter',
  'developerNewsletter',
  'friendAdded',
  'friendMessage',
  'nonFriendMessage',
  'creatorNotification',
  'adTargeting',
] as const;
export type Preference = (typeof PREFERENCES)[number];

export const STAFF_ROLES = ['support', 'analyst', 'privacy', 'legal'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

export const STATUSES = ['ACTIVE', 'SEALED', 'REFUSED'] as const;
export type Status = (typeof STATUSES)[number];

export const LEGAL_BASES = ['CONSENT', 'CONTRACT', 'LEGAL_OBLIGATION', 'LEGITIMATE_INTEREST'] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

export const CLAUSE_KINDS = ['reveal', 'control', 'duty', 'limit'] as const;
export type ClauseKind = (typeof CLAUSE_KINDS)[number];

/** How a clause was read from the published text. */
export const READINGS = ['LITERAL', 'NARROWED', 'INFERRED'] as const;

/** Why a caller is denied, in the order in which the first that applies is told. Each speaks of the caller alone. */
export const DENIAL_REASONS = [
  'NO_CLAUSE',
  'WRONG_PURPOSE',
  'CONTRACT_NOT_IN_FORCE',
  'MISSING_SCOPE',
  'NOT_PERMITTED',
] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

/** Who a clause reveals to: one of these, or a partner kind of the policy. */
export const staffAudience = (role: StaffRole) => `STAFF_${role.toUpperCase()}`;
export const FIRST_PARTY_AUDIENCES: readonly string[] = [
  'SELF',
  'VISITOR',
  'MEMBER',
  ...STAFF_ROLES.map(staffAudience),
];

/** A set of data categories, one bit each; the bits are the same in every version of every policy. */
export type CategoryMask = number;
export const NO_CATEGORIES: CategoryMask = 0;
export const EVERY_CATEGORY: CategoryMask = (1 << DATA_CATEGORIES.length) - 1;

const BITS = new Map<string, CategoryMask>(DATA_CATEGORIES.map((category, index) => [category, 1 << index]));

/** The bit of one category; no bit at all for a word that is not one, so that an unknown category reveals nothing. */
export const bitOf = (category: string): CategoryMask => BITS.get(category) ?? NO_CATEGORIES;
export const maskOf = (categories: Iterable<string>): CategoryMask =>
  [...categories].reduce((mask, category) => mask | bitOf(category), NO_CATEGORIES);
export const categoriesOf = (mask: CategoryMask): DataCategory[] =>
  DATA_CATEGORIES.filter((category) => (mask & bitOf(category)) !== 0);

/** How a token's scope names a category: `POSTAL_ADDRESS` is `postal-address`. */
export const scopeWord = (category: DataCategory) => category.toLowerCase().replaceAll('_', '-');
const SCOPE_WORDS = new Map<string, DataCategory>(DATA_CATEGORIES.map((category) => [scopeWord(category), category]));
export const ALL_SCOPE_WORDS: readonly string[] = [...SCOPE_WORDS.keys()];
export const categoryOfScopeWord = (word: string) => SCOPE_WORDS.get(word);
