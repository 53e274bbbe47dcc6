import { isRecord } from '../base/records.ts';
import type { Keep } from './keep.ts';

/** The words that decisions are made of. Those of a company stand in its vocabulary; those of the law stand here. */

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

/** The id of a kind of personal data, as a vocabulary defines it: `POSTAL_ADDRESS`. */
export type DataCategory = string;
/** The name of a switch that a person holds. */
export type Preference = string;
/** The name of a role of staff. */
export type StaffRole = string;

/**
 * The meanings that code needs to know of a category, each with the form of its value and the place where that is kept.
 * At most one category of a vocabulary has each of them.
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

/** What can be made of a value. Nothing of it is stored. */
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
  /** What the field says, where that is not what the category says. */
  readonly fieldSays?: string | undefined;
  /** What inputs say of it. */
  readonly inputSays?: string | undefined;
  /** The name of the object type of its value, or of the items of its list. */
  readonly type?: string | undefined;
  /** The form of its value; none for a category that is made from another one, or that a feature holds. */
  readonly value?: ValueShape | undefined;
  readonly role?: CategoryRole | undefined;
  /** The category that it is made from, and how. */
  readonly from?: DataCategory | undefined;
  readonly as?: Derivation | undefined;
  /** The feature whose code holds it. */
  readonly heldBy?: OptionalFeature | undefined;
  /** It goes when this category is deleted. */
  readonly partOf?: DataCategory | undefined;
  /** The time for which a value of it is kept, from its last write; left out where it is kept for good. */
  readonly keep?: Keep | undefined;
  /** Whether registering asks for it; left out where registering does not take it. */
  readonly register?: 'required' | 'optional' | undefined;
  /** The roles of staff that write its values. The person then writes none, unless they can put them right. */
  readonly write?: readonly StaffRole[] | undefined;
  /** The acts that the person may do on single items of its list. */
  readonly own?: readonly (typeof ITEM_ACTS)[number][] | undefined;
  /** Whether the person can put it right. */
  readonly correct: boolean;
  /** Whether the person can have it deleted by itself. */
  readonly delete: boolean;
}

/** A switch that a person holds. */
export interface PreferenceWord {
  readonly id: Preference;
  readonly says: string;
}

/** Which end brings a tie in: the holder with a code of the data subject, or either end with a code of the other. */
export const TIE_ENTRIES = ['CODE', 'EITHER'] as const;
/** Which caller makes a tie count: the data subject, or staff with the power `confirmTies`. */
export const TIE_CONFIRMERS = ['SUBJECT', 'STAFF'] as const;

/** A kind of tie between two people: one person, the holder, has it to another one, the data subject. */
export interface TieWord {
  readonly id: string;
  readonly says: string;
  readonly enteredBy: (typeof TIE_ENTRIES)[number];
  readonly confirmedBy: (typeof TIE_CONFIRMERS)[number];
  /** Whether both ends hold it to each other. */
  readonly symmetric: boolean;
}

/** What staff can be entrusted with. Reading data is none of it: the clauses of the policy decide that. */
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
  /** The fact that stands in the place of an active person for this role. */
  readonly whateverStatus?: string | undefined;
}

/** The features with code of their own that a company may have or not. The others are there whatever it says. */
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
  /** In the order of the file; those that every company has come last. */
  readonly categories: readonly Category[];
  readonly preferences: readonly PreferenceWord[];
  readonly staff: readonly StaffWord[];
  /** What people can be to each other. */
  readonly ties: readonly TieWord[];
  /** The optional features that the company has. */
  readonly features: readonly OptionalFeature[];
  /** Categories that the company says aloud to hold nothing of, so that nobody has to see them. */
  readonly notHeld: readonly DataCategory[];
}

export const idsOf = <Id extends string>(words: readonly { readonly id: Id }[]): Id[] => words.map(({ id }) => id);

export const categoryNamed = ({ categories }: Vocabulary, id: string): Category | undefined =>
  categories.find((category) => category.id === id);

/** The category with a role; undefined where the vocabulary gives that role to none. */
export const categoryWith = ({ categories }: Vocabulary, role: CategoryRole): Category | undefined =>
  categories.find((category) => category.role === role);

/** The name under which the value of a category is kept. It stays the same whatever a company calls its mailbox. */
export const placeOf = ({ id, role }: Pick<Category, 'id' | 'role'>): string =>
  role === undefined ? id : CATEGORY_ROLES[role].place;

/** Whether a value is a list of records: such items have ids. */
export const isListOfRecords = (value: unknown): boolean =>
  isRecord(value) && Object.keys(value).join() === 'list' && isRecord(value.list);

/** A category with those that are made from it: they change and go with it. Nothing is made from them in turn. */
export const withDerived = (vocabulary: Vocabulary, id: DataCategory): DataCategory[] => [
  id,
  ...idsOf(vocabulary.categories.filter(({ from }) => from === id)),
];

/** The audience that a role of staff is to a clause. */
export const staffAudience = (role: StaffRole) => `STAFF_${role.toUpperCase()}`;

/** The callers that every policy knows, besides its staff and its partners. */
export const AUDIENCE_SAYS = {
  SELF: 'The person themself.',
  VISITOR: 'Anybody, without a token.',
  MEMBER: 'Another person who is signed in.',
} as const;

const OWN_AUDIENCES = Object.keys(AUDIENCE_SAYS);

/** The audiences that are no partners: a clause reveals to one of these, or to a partner kind of the policy. */
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
/** Every category that there is or will be. */
export const EVERY_CATEGORY: CategoryMask = -1n;

// Given out once for each word, so that masks made under any vocabulary can be compared and kept.
const BITS = new Map<DataCategory, CategoryMask>();

/** Gives each category its bit. A vocabulary does so when it is read: no other word ever has one. */
export function giveBits(categories: Iterable<DataCategory>): void {
  for (const category of categories) if (!BITS.has(category)) BITS.set(category, 1n << BigInt(BITS.size));
}

/** Every category that some vocabulary of this process has. */
export const knownCategories = (): DataCategory[] => [...BITS.keys()];

/** The categories that every company has, whatever its vocabulary: the record that Assent keeps itself. */
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
    says: 'What a value was before it was corrected.',
    dpv: 'dpv:PersonalData',
    correct: false,
    delete: true,
  },
];
giveBits(idsOf(CORE_CATEGORIES));

/** The bit of one category; no bit at all for a word that is not one, so that an unknown category reveals nothing. */
export const bitOf = (category: string): CategoryMask => BITS.get(category) ?? NO_CATEGORIES;
export const maskOf = (categories: Iterable<string>): CategoryMask =>
  [...categories].reduce((mask, category) => mask | bitOf(category), NO_CATEGORIES);
export const isIn = (mask: CategoryMask, category: string): boolean => (mask & bitOf(category)) !== NO_CATEGORIES;

/** The categories of a mask, in the order of a vocabulary. */
export const categoriesIn = ({ categories }: Pick<Vocabulary, 'categories'>, mask: CategoryMask): DataCategory[] =>
  idsOf(categories).filter((category) => isIn(mask, category));

/** How a token's scope names a category: `POSTAL_ADDRESS` is `postal-address`. */
export const scopeWord = (category: DataCategory) => category.toLowerCase().replaceAll('_', '-');
export const scopeWordsOf = ({ categories }: Vocabulary, prefix = ''): string[] =>
  idsOf(categories).map((id) => prefix + scopeWord(id));

/** The categories that the words of a scope name; null where one of them names none. */
export function scopeOf(vocabulary: Vocabulary, words: readonly string[]): CategoryMask | null {
  const known = new Set(scopeWordsOf(vocabulary));
  if (!words.every((word) => known.has(word))) return null;
  return maskOf(words.map((word) => word.toUpperCase().replaceAll('-', '_')));
}
