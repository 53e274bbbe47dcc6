import {
  bitOf,
  type Category,
  type CategoryMask,
  categoryNamed,
  categoryWith,
  type DataCategory,
  EVERY_CATEGORY,
  isListShape,
  maskOf,
  NO_CATEGORIES,
  placeOf,
  type Vocabulary,
  withDerived,
} from '../policy/vocabulary.ts';
import type { BillingCategory } from './billing.ts';
import { derive } from './derived.ts';
import type { Holdings } from './holdings.ts';
import type { Correction } from './model.ts';

/** The reader, and the time. */
export interface Look {
  /** Whether an address is shown that its owner has not proven. */
  readonly unproven: boolean;
  /** The day that ages are told as of. */
  readonly ageDay: Date;
  /** The client id of the partner that looks; null for everybody else. */
  readonly partner: string | null;
  /** The same of a partner that settles orders, which sees no more of them than its own. */
  readonly processor: string | null;
  readonly read: ReadCategory;
}

/** The value of one category; undefined or null where nothing is held. */
export type ReadCategory = (category: DataCategory, held: Holdings, look: Look) => unknown;

type Reader = (held: Holdings, look: Look) => unknown;

/**
 * A processor is shown the billing data of its newest unsettled order; everybody else the data that was given last.
 */
const billed = <C extends BillingCategory>(held: Holdings, category: C, processor: string | null) =>
  processor === null ? held.newestGiven(category) : held.billedBy(processor, category);

/**
 * How the categories are read that features hold, and those that every company has. If the data of a category lies
 * elsewhere, its reader gives the id and the vault that open it there.
 */
const FEATURED = {
  BILLING_ADDRESS: (held, { processor }) => billed(held, 'BILLING_ADDRESS', processor),
  PAYMENT_CARD: (held, { processor }) => billed(held, 'PAYMENT_CARD', processor),
  CARD_EXPIRY: (held, { processor }) => billed(held, 'CARD_EXPIRY', processor),
  // A token is for its own processor: no other partner is shown it, under any policy.
  PROCESSOR_TOKEN: (held, { partner }) => billed(held, 'PROCESSOR_TOKEN', partner),
  PHOTOS: (held) => held.read('PHOTOS') ?? [],
  POSTS: ({ document, vault }) => ({ sid: document._id, vault }),
  ACTIVITY: (held) => held.read('ACTIVITY') ?? [],
  TRANSACTIONS: ({ document, vault }) => ({ sid: document._id, vault }),
  ACCOUNT: (held) => ({
    person: held.document,
    country: () => held.read('ACCOUNT')?.country ?? null,
    home: () => ({ sid: held.document._id, vault: held.vault }),
  }),
  CORRECTED_VALUE: (held) => (correction: Correction) => held.previous(correction),
} satisfies Record<string, Reader>;

type Featured = keyof typeof FEATURED;

/** The value of a category as it is read; null where nothing of it is held. */
type Read<T> = undefined extends T ? Exclude<T, undefined> | null : T;
export type Values = { [C in Featured]: Read<ReturnType<(typeof FEATURED)[C]>> } & Record<DataCategory, unknown>;

/** The paths of a document that each featured category is read from. A card tells which expiry and which token are its. */
const FEATURED_PATHS: Readonly<Partial<Record<Featured, readonly string[]>>> = {
  BILLING_ADDRESS: ['billings.values.BILLING_ADDRESS'],
  PAYMENT_CARD: ['billings.values.PAYMENT_CARD'],
  CARD_EXPIRY: ['billings.values.PAYMENT_CARD', 'billings.values.CARD_EXPIRY'],
  PROCESSOR_TOKEN: ['billings.values.PAYMENT_CARD', 'billings.values.PROCESSOR_TOKEN'],
  PHOTOS: ['values.PHOTOS'],
  ACTIVITY: ['values.ACTIVITY'],
  ACCOUNT: ['values.ACCOUNT'],
};

const isFeatured = ({ id, value, from }: Category): boolean =>
  value === undefined && from === undefined && Object.hasOwn(FEATURED, id);

function readerOfCategory(vocabulary: Vocabulary, category: Category): Reader {
  if (isFeatured(category)) return FEATURED[category.id as Featured];
  const source = category.from === undefined ? undefined : categoryNamed(vocabulary, category.from);
  if (source && category.as !== undefined) {
    const { as } = category;
    const read = readerOfCategory(vocabulary, source);
    return (held, look) => derive(as, read(held, look), look.ageDay);
  }
  const { value } = category;
  if (value === undefined) return () => null;
  switch (category.role) {
    case 'handle':
      return ({ document }) => document.avatarName;
    case 'mailbox':
      return (held, { unproven }) => held.read('EMAIL') ?? (unproven ? held.read('UNPROVEN_EMAIL') : undefined);
    default: {
      const place = placeOf(category);
      return isListShape(value) ? (held) => held.read(place) ?? [] : (held) => held.read(place);
    }
  }
}

/** The paths of a document that a category holds its own values at; none of one that is made from another. */
function pathsOf(category: Category): readonly string[] {
  if (isFeatured(category)) return FEATURED_PATHS[category.id as Featured] ?? [];
  if (category.value === undefined || category.role === 'handle') return [];
  return [`values.${placeOf(category)}`, ...(category.role === 'mailbox' ? ['values.UNPROVEN_EMAIL'] : [])];
}

interface Reading {
  readonly readers: ReadonlyMap<DataCategory, Reader>;
  /** By path: the categories that are read from there. */
  readonly paths: ReadonlyMap<string, CategoryMask>;
  /** The categories that can't be read without the person's key. */
  readonly sealed: CategoryMask;
}

const known = new WeakMap<Vocabulary, Reading>();

function readingOf(vocabulary: Vocabulary): Reading {
  const found = known.get(vocabulary);
  if (found) return found;
  const paths = new Map<string, CategoryMask>();
  for (const category of vocabulary.categories)
    for (const path of pathsOf(category))
      paths.set(path, (paths.get(path) ?? NO_CATEGORIES) | maskOf(withDerived(vocabulary, category.id)));
  const reading = {
    readers: new Map(vocabulary.categories.map((category) => [category.id, readerOfCategory(vocabulary, category)])),
    paths,
    sealed: EVERY_CATEGORY & ~bitOf(categoryWith(vocabulary, 'handle')?.id ?? ''),
  };
  known.set(vocabulary, reading);
  return reading;
}

/** Reads the categories of a vocabulary. */
export function readerOf(vocabulary: Vocabulary): ReadCategory {
  const { readers } = readingOf(vocabulary);
  return (category, held, look) => readers.get(category)?.(held, look);
}

/** The paths of values that none of these categories is read from. */
export const pathsBeyond = (vocabulary: Vocabulary, categories: CategoryMask): ReadonlySet<string> =>
  new Set([...readingOf(vocabulary).paths].flatMap(([path, mask]) => ((mask & categories) === 0n ? [path] : [])));

/** The categories that can't be read without the person's key. */
export const sealedIn = (vocabulary: Vocabulary): CategoryMask => readingOf(vocabulary).sealed;
