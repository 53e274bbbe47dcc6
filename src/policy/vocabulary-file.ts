import { z } from 'zod';
import { isRecord } from '../base/records.ts';
import { form, text } from './file-parts.ts';
import { KEEP_FORM, parseKeep } from './keep.ts';
import { FACTS } from './known-facts.ts';
import {
  CATEGORY_ROLES,
  CORE_CATEGORIES,
  DERIVATIONS,
  giveBits,
  ITEM_ACTS,
  idsOf,
  OPTIONAL_FEATURES,
  POWERS,
  SCALAR_SHAPES,
  TIE_CONFIRMERS,
  TIE_ENTRIES,
  type ValueShape,
  type Vocabulary,
} from './vocabulary.ts';
import { expected, expectedOneOf } from './wording.ts';

/** The shape of a vocabulary file. Whether its parts fit each other is checked in `misfitsOfVocabulary`. */

const CATEGORY_ID = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;
const NAME = /^[a-z][A-Za-z0-9]{0,63}$/;
const TYPE_NAME = /^[A-Z][A-Za-z0-9]{0,63}$/;

const name = form(NAME, 'a camelCase name of at most 64 letters and digits');
const categoryId = form(CATEGORY_ID, 'a category: upper-case words joined by underscores');

const roleId = form(/^[a-z][a-z0-9]{0,31}$/, 'a lower-case word');

const VALUE_FORMS = `one of ${SCALAR_SHAPES.join(', ')}, a map of these, or { list: ... } of either`;

type Fail = (path: (string | number)[], message: string) => void;

function checkScalar(value: unknown, path: (string | number)[], fail: Fail): void {
  if (!(SCALAR_SHAPES as readonly unknown[]).includes(value))
    fail(path, expectedOneOf('another kind of value', 'one of ', value, SCALAR_SHAPES));
}

function checkItem(value: unknown, path: (string | number)[], fail: Fail): void {
  if (!isRecord(value)) {
    checkScalar(value, path, fail);
    return;
  }
  if (Object.keys(value).length === 0) fail(path, `expected ${VALUE_FORMS}`);
  for (const [part, scalar] of Object.entries(value)) {
    if (!NAME.test(part) || RESERVED_PARTS.includes(part))
      fail([...path, part], `expected a camelCase name other than ${RESERVED_PARTS.join(', ')}`);
    checkScalar(scalar, [...path, part], fail);
  }
}

/** Names with another meaning in the place of a part: the key of a list, and the id of every item. */
const RESERVED_PARTS = ['list', 'id'];

function checkValue(value: unknown, fail: Fail): void {
  if (isRecord(value) && Object.keys(value).join() === 'list') checkItem(value.list, ['list'], fail);
  else if (typeof value === 'string' || isRecord(value)) checkItem(value, [], fail);
  else fail([], expected(VALUE_FORMS, value));
}

export const Value = z
  .custom<ValueShape>()
  .superRefine((value, context) =>
    checkValue(value, (path, message) => context.addIssue({ code: 'custom', path, message })),
  );

const DERIVATION_FORMS = `one of ${DERIVATIONS.join(', ')}, or { part: ... }`;

const As = z.union([z.enum(DERIVATIONS), z.strictObject({ part: name })], {
  error: ({ input }) => expected(DERIVATION_FORMS, input, DERIVATIONS),
});

const Keep = z.unknown().transform((value, context) => {
  const keep = typeof value === 'string' ? parseKeep(value) : null;
  if (keep) return keep;
  context.addIssue({ code: 'custom', message: expected(KEEP_FORM, value) });
  return z.NEVER;
});

const CategoryEntry = z.strictObject({
  id: categoryId,
  says: text,
  dpv: form(/^(dpv|pd):[A-Za-z]+$/, 'a term such as pd:EmailAddress').default('dpv:PersonalData'),
  field: name.optional(),
  fieldSays: text.optional(),
  inputSays: text.optional(),
  type: form(TYPE_NAME, 'a PascalCase name of at most 64 letters and digits').optional(),
  value: Value.optional(),
  role: z.enum(Object.keys(CATEGORY_ROLES) as (keyof typeof CATEGORY_ROLES)[]).optional(),
  from: categoryId.optional(),
  as: As.optional(),
  heldBy: z.enum(OPTIONAL_FEATURES).optional(),
  partOf: categoryId.optional(),
  keep: Keep.optional(),
  register: z.enum(['required', 'optional']).optional(),
  write: z.array(roleId).min(1).optional(),
  own: z.array(z.enum(ITEM_ACTS)).min(1).optional(),
  correct: z.boolean().default(false),
  delete: z.boolean().default(false),
});

const PreferenceEntry = z.strictObject({
  id: name,
  says: text,
  /** The switch at registration; a version of the policy can override it. */
  default: z.boolean().optional(),
});

const StaffEntry = z.strictObject({
  id: roleId,
  says: text,
  may: z.array(z.enum(POWERS)).default([]),
  whateverStatus: z.enum(Object.keys(FACTS) as (keyof typeof FACTS)[]).optional(),
});

const TieEntry = z.strictObject({
  id: name,
  says: text,
  enteredBy: z.enum(TIE_ENTRIES),
  confirmedBy: z.enum(TIE_CONFIRMERS),
  symmetric: z.boolean().default(false),
});

export const VocabularyFile = z.strictObject({
  categories: z.array(CategoryEntry),
  preferences: z.array(PreferenceEntry).default([]),
  staff: z.array(StaffEntry).default([]),
  ties: z.array(TieEntry).default([]),
  features: z.array(z.enum(OPTIONAL_FEATURES)).default([]),
  /** Categories without any data at this company, by its own statement. */
  notHeld: z.array(categoryId).optional(),
});

/** The vocabulary of a file, ready for use: each of its categories has its bit. */
export function vocabularyOf({
  categories,
  preferences,
  staff,
  ties,
  features,
  notHeld,
}: z.output<typeof VocabularyFile>): Vocabulary {
  giveBits(idsOf(categories));
  return {
    categories: [...categories, ...CORE_CATEGORIES],
    preferences: preferences.map(({ id, says }) => ({ id, says })),
    staff,
    ties,
    features,
    notHeld: notHeld ?? [],
  };
}

/** The preferences at registration that the vocabulary sets. */
export const defaultsIn = ({ preferences }: z.output<typeof VocabularyFile>): Record<string, boolean> =>
  Object.fromEntries(preferences.flatMap(({ id, default: on }) => (on === undefined ? [] : [[id, on]])));
