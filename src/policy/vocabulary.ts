import { isRecord } from '../base/records.ts';
import type { Keep } from './keep.ts';

/** The words of decisions. This file has the words of the law; the vocabulary of a company has its own words. */

export const STATUSES = ['ACTIVE', 'SEALED', 'REFUSED'] as const;
export type Status = (typeof STATUSES)[number];

export const LEGAL_BASES = ['CONSENT', 'CONTRACT', 'LEGAL_OBLIGATION', 'LEGITIMATE_INTEREST'] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

export const CLAUSE_KINDS = ['reveal', 'control', 'duty', 'limit'] as const;
export type ClauseKind = (typeof CLAUSE_KINDS)[number];

/** How a clause was read from the published text. */
export const READINGS = ['LITERAL', 'NARROWED', 'INFERRED'] as const;

/** The reasons for a denial: the first that applies is the answer. Each depends on the caller alone. */
export const DENIAL_REASONS = [
  'NO_CLAUSE',
  'WRONG_PURPOSE',
  'CONTRACT_NOT_IN_FORCE',
  'MISSING_SCOPE',
  'NOT_PERMITTED',
] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

/** The id of a data category in a vocabulary: `POSTAL_ADDRESS`. */
export type DataCategory = string;
/** The name of a switch that a person holds. */
export type Preference = string;
/** The name of a role of staff. */
export type StaffRole = string;

/**
 * The roles of categories that code depends on, each with the form of its value and the place of the stored value. At
 * most one category of a vocabulary has each role.
 */
export const CATEGORY_ROLES = {
  handle: { shape: 'line', place: 'avatarName' },
  displayName: { shape: 'line', place: 'NAME' },
  mailbox: { shape: 'email', place: 'EMAIL' },
  birthDate: { shape: 'date', place: 'BIRTH_DATE' },
  residence: { shape: 'address', place: 'POSTAL_ADDRESS' },
} as const satisfies Record<string, { readonly shape: ScalarShape; readonly place: string }>;
export type CategoryRole = keyof typeof CATEGORY_ROLES;

/** The kinds of single values. `word`, `line` and `text` are texts of at most 32, 200 and 10,000 characters. */
export const SCALAR_SHAPES = [
  'word',
  'line',
  'text',
  'email',
  'phone',
  'date',
  'instant',
  'integer',
  'number',
  'boolean',
  'url',
  'country',
  'address',
] as const;
export type ScalarShape = (typeof SCALAR_SHAPES)[number];

/** A single value, a record of single values, or a list of either. */
export type ItemShape = ScalarShape | { readonly [part: string]: ScalarShape };
export type ValueShape = ItemShape | { readonly list: ItemShape };

export const isListShape = (shape: ValueShape): shape is { readonly list: ItemShape } =>
  typeof shape === 'object' && 'list' in shape && Object.keys(shape).length === 1;

/** The derivations from a value. No derived value is stored. */
export const DERIVATIONS = ['age', 'ageBand', 'year', 'initials', 'domain', 'lastFour', 'count'] as const;
export type Derivation = (typeof DERIVATIONS)[number] | { readonly part: string };

/** The acts that a person may do on single items of their own lists. */
export const ITEM_ACTS = ['add', 'remove'] as const;

/** A kind of personal data. */
export interface Category {
  readonly id: DataCategory;
  /** One sentence for people. */
  readonly says: string;
  /** A term of the Data Privacy Vocabulary, or of its extension for personal data: `pd:EmailAddress`. */
  readonly dpv: string;
  /** The field of `User` that shows it; a feature has the fields of its own categories. */
  readonly field?: string | undefined;
  /** The description of its field, if it differs from the category's. */
  readonly fieldSays?: string | undefined;
  /** The description of its inputs. */
  readonly inputSays?: string | undefined;
  /** The name of the object type of its value, or of the items of its list. */
  readonly type?: string | undefined;
  /** The form of its value; absent for a derived category, or if a feature holds the data. */
  readonly value?: ValueShape | undefined;
  readonly role?: CategoryRole | undefined;
  /** The category that it is derived from, and the derivation. */
  readonly from?: DataCategory | undefined;
  readonly as?: Derivation | undefined;
  /** The feature that holds its data. */
  readonly heldBy?: OptionalFeature | undefined;
  /** It is deleted together with this category. */
  readonly partOf?: DataCategory | undefined;
  /** The retention time of a value from its last write; absent if it is kept for good. */
  readonly keep?: Keep | undefined;
  /** Whether registration requires it; absent if registration does not take it. */
  readonly register?: 'required' | 'optional' | undefined;
  /** The roles of staff that write its values. The person then writes none, except corrections if `correct` is set. */
  readonly write?: readonly StaffRole[] | undefined;
  /** The acts that the person may do on single items of its list. */
  readonly own?: readonly (typeof ITEM_ACTS)[number][] | undefined;
  /** Whether the person can correct it. */
  readonly correct: boolean;
  /** Whether the person can delete it without the account. */
  readonly delete: boolean;
}

/** A switch that a person holds. */
export interface PreferenceWord {
  readonly id: Preference;
  readonly says: string;
}

/** The end that enters a tie: the holder with a code of the data subject, or either end with a code of the other. */
export const TIE_ENTRIES = ['CODE', 'EITHER'] as const;
/** The caller that confirms a tie: the data subject, or staff with the power `confirmTies`. */
export const TIE_CONFIRMERS = ['SUBJECT', 'STAFF'] as const;

/** A kind of tie between two people: the holder has it to the data subject. */
export interface TieWord {
  readonly id: string;
  readonly says: string;
  readonly enteredBy: (typeof TIE_ENTRIES)[number];
  readonly confirmedBy: (typeof TIE_CONFIRMERS)[number];
  /** Whether both ends hold it to each other. */
  readonly symmetric: boolean;
}

/** Powers that staff can have. Reading data is not among them: the clauses of the policy decide that. */
export const POWERS = [
  'settleCredits',
  'answerPrivacyCases',
  'sealAccounts',
  'explainDecisions',
  'seeUnprovenAddresses',
  'enterLegalProcesses',
  'keepPartners',
  'announceSuccessions',
  'confirmTies',
  'decideRestrictions',
] as const;
export type Power = (typeof POWERS)[number];

/** A role of staff. */
export interface StaffWord {
  readonly id: StaffRole;
  readonly says: string;
  readonly may: readonly Power[];
  /** The fact that replaces the active status of a person for this role. */
  readonly whateverStatus?: string | undefined;
}

/** The optional features of a company. All other features are always there. */
export const OPTIONAL_FEATURES = [
  'advertising',
  'blog',
  'devices',
  'offers',
  'orders',
  'photos',
  'posts',
  'programs',
  'relationships',
  'social',
  'statistics',
  'transactions',
] as const;
export type OptionalFeature = (typeof OPTIONAL_FEATURES)[number];

/** The words of one company. */
export interface Vocabulary {
  /** In the order of the file; the core categories come last. */
  readonly categories: readonly Category[];
  readonly preferences: readonly PreferenceWord[];
  readonly staff: readonly StaffWord[];
  /** The kinds of ties between people. */
  readonly ties: readonly TieWord[];
  /** The optional features that the company has. */
  readonly features: readonly OptionalFeature[];
  /** Categories without any data at this company, by its own statement, so that no clause has to reveal them. */
  readonly notHeld: readonly DataCategory[];
}

export const idsOf = <Id extends string>(words: readonly { readonly id: Id }[]): Id[] => words.map(({ id }) => id);

export const categoryNamed = ({ categories }: Vocabulary, id: string): Category | undefined =>
  categories.find((category) => category.id === id);

/** The category with a role; undefined if the vocabulary has none. */
export const categoryWith = ({ categories }: Vocabulary, role: CategoryRole): Category | undefined =>
  categories.find((category) => category.role === role);

/** The name of a category's value in the store. A role has the same name in every company. */
export const placeOf = ({ id, role }: Pick<Category, 'id' | 'role'>): string =>
  role === undefined ? id : CATEGORY_ROLES[role].place;

/** Whether a value is a list of records: such items have ids. */
export const isListOfRecords = (value: unknown): boolean =>
  isRecord(value) && Object.keys(value).join() === 'list' && isRecord(value.list);

/** A category with its derived categories: they change and go with it. No category derives from a derived one. */
export const withDerived = (vocabulary: Vocabulary, id: DataCategory): DataCategory[] => [
  id,
  ...idsOf(vocabulary.categories.filter(({ from }) => from === id)),
];

/** The audience of a role of staff in clauses. */
export const staffAudience = (role: StaffRole) => `STAFF_${role.toUpperCase()}`;

/** The callers of every policy, besides its staff and its partners. */
export const AUDIENCE_SAYS = {
  SELF: 'The person themself.',
  VISITOR: 'Anybody, without a token.',
  MEMBER: 'Another person, signed in.',
} as const;

const OWN_AUDIENCES = Object.keys(AUDIENCE_SAYS);

/** The audiences other than partners: a clause reveals to one of these, or to a partner kind of the policy. */
export const firstPartyAudiences = ({ staff }: Pick<Vocabulary, 'staff'>): string[] => [
  ...OWN_AUDIENCES,
  ...idsOf(staff).map(staffAudience),
];

/** Whether an audience is one of our own: no partner kind has such a name. */
export const isFirstParty = (audience: string): boolean =>
  OWN_AUDIENCES.includes(audience) || audience.startsWith(staffAudience(''));

/** A set of data categories, one bit each; the bits are the same in every version of every policy. */
export type CategoryMask = bigint;
export const NO_CATEGORIES: CategoryMask = 0n;
/** Every present and future category. */
export const EVERY_CATEGORY: CategoryMask = -1n;

// Each word has one bit for good, so that masks made under any vocabulary can be compared and kept.
const BITS = new Map<DataCategory, CategoryMask>();

/** Gives each category its bit. The reader of a vocabulary calls it; no other word ever has a bit. */
export function giveBits(categories: Iterable<DataCategory>): void {
  for (const category of categories) if (!BITS.has(category)) BITS.set(category, 1n << BigInt(BITS.size));
}

/** The categories of all vocabularies in this process. */
export const knownCategories = (): DataCategory[] => [...BITS.keys()];

/** The categories of every company, besides its vocabulary: the record that Assent keeps itself. */
export const CORE_CATEGORIES: readonly Category[] = [
  {
    id: 'ACCOUNT',
    says: 'The person’s own privacy record: status, choices, acts and shares.',
    dpv: 'pd:PrivacyPreference',
    correct: false,
    delete: false,
  },
  {
    id: 'CORRECTED_VALUE',
    says: 'A value as it was before its correction.',
    dpv: 'dpv:PersonalData',
    correct: false,
    delete: true,
  },
];
giveBits(idsOf(CORE_CATEGORIES));

/** The bit of one category; no bit for any other word, so that an unknown category reveals nothing. */
export const bitOf = (category: string): CategoryMask => BITS.get(category) ?? NO_CATEGORIES;
export const maskOf = (categories: Iterable<string>): CategoryMask =>
  [...categories].reduce((mask, category) => mask | bitOf(category), NO_CATEGORIES);
export const isIn = (mask: CategoryMask, category: string): boolean => (mask & bitOf(category)) !== NO_CATEGORIES;

/** The categories of a mask, in the order of a vocabulary. */
export const categoriesIn = ({ categories }: Pick<Vocabulary, 'categories'>, mask: CategoryMask): DataCategory[] =>
  idsOf(categories).filter((category) => isIn(mask, category));

/** The word for a category in a token's scope: `POSTAL_ADDRESS` is `postal-address`. */
export const scopeWord = (category: DataCategory) => category.toLowerCase().replaceAll('_', '-');
export const scopeWordsOf = ({ categories }: Vocabulary, prefix = ''): string[] =>
  idsOf(categories).map((id) => prefix + scopeWord(id));

/** The categories that the words of a scope name; null if a word names none. */
export function scopeOf(vocabulary: Vocabulary, words: readonly string[]): CategoryMask | null {
  const known = new Set(scopeWordsOf(vocabulary));
  if (!words.every((word) => known.has(word))) return null;
  return maskOf(words.map((word) => word.toUpperCase().replaceAll('-', '_')));
}
