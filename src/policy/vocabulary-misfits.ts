import { isRecord } from '../base/records.ts';
import { duplicates, type Fault, isText, type Loose, listOf, mapOf } from './file-parts.ts';
import { type OptionalPart, reservedNames } from './reserved-names.ts';
import {
  CATEGORY_ROLES,
  CORE_CATEGORIES,
  idsOf,
  isListOfRecords,
  OPTIONAL_FEATURES,
  type OptionalFeature,
} from './vocabulary.ts';
import { expectedOneOf, named } from './wording.ts';

/** Faults that the shape of a vocabulary can't find: words that clash, and references to undefined words. */
export function* misfitsOfVocabulary(source: unknown): Generator<Fault> {
  const { categories: list, preferences, staff, ties, features, notHeld: unheld } = mapOf(source);
  yield* duplicates(listOf(list), 'categories');
  yield* duplicates(listOf(preferences), 'preferences');
  yield* duplicates(listOf(staff), 'staff');
  yield* duplicates(listOf(ties), 'ties');
  const categories = listOf(list).map(mapOf);
  const hasTies = listOf(ties).length > 0;
  const roles = idsIn(staff);
  const notHeld = listOf(unheld);
  for (const [index, id] of notHeld.entries())
    if (isText(id) && !categories.some((category) => category.id === id))
      yield {
        path: ['notHeld', index],
        message: expectedOneOf('a data category', 'one of the data categories ', id, idsIn(list)),
      };
  for (const [index, category] of categories.entries())
    for (const { path, message } of [
      ...misfitsOfCategory(category, categories, notHeld),
      ...misfitsOfWriters(category, roles),
    ])
      yield { path: ['categories', index, ...path], message };
  for (const [index, { heldBy }] of categories.entries())
    if (isOptionalFeature(heldBy) && !listOf(features).includes(heldBy))
      yield { path: ['categories', index, 'heldBy'], message: `expected ${heldBy} among the features` };
  for (const key of ['field', 'role', 'type']) yield* clashes(categories, key);
  yield* takenNames(categories, [...listOf(features).filter(isOptionalFeature), ...(hasTies ? ['ties' as const] : [])]);
  if (categories.length > 0 && !categories.some(({ role }) => role === 'handle'))
    yield { path: ['categories'], message: 'expected one category with the role handle' };
  yield* misfitsOfTies(mapOf(source));
}

function* misfitsOfTies(file: Loose): Generator<Fault> {
  const ties = listOf(file.ties).map(mapOf);
  if (ties.length === 0) return;
  const preferences = listOf(file.preferences).map((preference) => mapOf(preference).id);
  const isConfirmedByStaff = listOf(file.staff).some((role) => listOf(mapOf(role).may).includes('confirmTies'));
  for (const [index, { id, confirmedBy }] of ties.entries()) {
    if (isText(id) && preferences.includes(id))
      yield { path: ['ties', index, 'id'], message: `expected another name: ${id} is a preference` };
    if (confirmedBy === 'STAFF' && !isConfirmedByStaff)
      yield { path: ['ties', index, 'confirmedBy'], message: 'expected a role of staff that may confirmTies' };
  }
}

type Categories = readonly Loose[];

/** Roles by the places of their values: no other category may have the name of such a place. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(CATEGORY_ROLES).map(([role, { place }]) => [place, role] as const),
  ['UNPROVEN_EMAIL', 'mailbox'],
]);

function* misfitsOfCategory(category: Loose, all: Categories, notHeld: readonly unknown[]): Generator<Fault> {
  const { id, value, from, as, heldBy, role, partOf, field, type, register, correct, keep } = category;
  if (isText(id) && idsOf(CORE_CATEGORIES).includes(id))
    yield { path: ['id'], message: `expected another name: every company has the category ${id}` };
  const sources = [value, from, heldBy].filter((source) => source !== undefined);
  const isHeld = !notHeld.includes(id);
  if (!isHeld) yield* misfitsOfUnheld(category);
  if (sources.length !== 1 && (isHeld || sources.length > 1))
    yield { path: [], message: 'expected one of value, from and heldBy: the form of its value, or its source' };
  if ((from === undefined) !== (as === undefined))
    yield { path: [from === undefined ? 'as' : 'from'], message: 'expected from and as together' };
  if (isHeld && heldBy === undefined && field === undefined)
    yield { path: [], message: 'expected a field that shows it' };
  if (heldBy !== undefined && field !== undefined)
    yield { path: ['field'], message: 'expected no field: the feature that holds the category has its fields' };
  if (value === undefined && (register !== undefined || correct === true))
    yield { path: [register !== undefined ? 'register' : 'correct'], message: 'expected a category with a value' };
  if (isText(from)) yield* misfitsOfReference('from', category, all, (other) => other.value !== undefined);
  if (category.delete === true && (from !== undefined || role === 'handle' || role === 'mailbox'))
    yield { path: ['delete'], message: 'expected a category that an account can be without, and that is held itself' };
  if (as !== undefined) yield* misfitsOfDerivation(category, all);
  if (keep !== undefined) yield* misfitsOfKeep(category);
  if (isText(partOf)) yield* misfitsOfReference('partOf', category, all, () => true);
  if (isText(role) && Object.hasOwn(CATEGORY_ROLES, role)) {
    const { shape } = CATEGORY_ROLES[role as keyof typeof CATEGORY_ROLES];
    if (value !== shape) yield { path: ['role'], message: `expected value: ${shape} of the category with this role` };
  }
  if (role === 'handle' && register !== 'required')
    yield { path: ['register'], message: 'expected required: nobody has an account without a handle' };
  const owner = isText(id) ? PLACES.get(id) : undefined;
  if (owner !== undefined && role !== owner)
    yield { path: [], message: `expected the role ${owner} of a category with this name, or another name` };
  const isCompound = isRecord(value) && (!('list' in value) || isRecord(value.list));
  if (isCompound && type === undefined) yield { path: [], message: 'expected a type that names its record of values' };
  if (!isCompound && type !== undefined)
    yield { path: ['type'], message: 'expected no type: the value is no record of values' };
}

/** Keys that give a category values. */
const GIVING = ['heldBy', 'register', 'correct', 'write', 'own', 'keep'];

function* misfitsOfUnheld(category: Loose): Generator<Fault> {
  for (const key of GIVING)
    if (category[key] !== undefined && category[key] !== false)
      yield { path: [key], message: `expected no ${key}: notHeld says that nothing is held of ${category.id}` };
}

const idsIn = (list: unknown): string[] => listOf(list).flatMap((item) => mapOf(item).id as string);

/** Faults of writes by staff, and of the person's writes of single items. */
function* misfitsOfWriters({ value, role, register, correct, write, own }: Loose, roles: string[]): Generator<Fault> {
  for (const [index, name] of listOf(write).entries())
    if (isText(name) && !roles.includes(name))
      yield {
        path: ['write', index],
        message: expectedOneOf('a role of staff', 'one of the roles of staff ', name, roles),
      };
  if (write !== undefined && value === undefined)
    yield { path: ['write'], message: 'expected no write: only a category with a value is written' };
  if (write !== undefined && isText(role) && LASTING_ROLES.includes(role))
    yield { path: ['write'], message: `expected no write: the person alone gives the value with the role ${role}` };
  if (write !== undefined && register !== undefined && correct !== true)
    yield {
      path: ['register'],
      message: 'expected no register: staff writes the values, and the person corrects none',
    };
  if (own !== undefined && !isListOfRecords(value))
    yield {
      path: ['own'],
      message: 'expected value: { list: { ... } } of a category: only items of such a list have ids',
    };
}

/** Code needs the values with these roles as long as the account exists. */
const LASTING_ROLES = ['handle', 'mailbox', 'birthDate', 'residence'];

function* misfitsOfKeep({ from, heldBy, role }: Loose): Generator<Fault> {
  const none = (why: string): Fault => ({ path: ['keep'], message: `expected no keep: ${why}` });
  if (isText(from)) yield none(`a value made from ${from} goes with it`);
  if (isText(heldBy)) yield none(`the feature ${heldBy} keeps the values`);
  if (isText(role) && LASTING_ROLES.includes(role))
    yield none(`an account needs the value with the role ${role} as long as it lasts`);
}

/** The source forms of each derivation, in words and as a test. */
const MADE_FROM: Readonly<Record<string, readonly [string, (value: unknown) => boolean]>> = {
  age: ['a date', (value) => value === 'date'],
  ageBand: ['a date', (value) => value === 'date'],
  year: ['a date or an instant', (value) => value === 'date' || value === 'instant'],
  domain: ['an email address', (value) => value === 'email'],
  count: ['a list', (value) => isRecord(value) && 'list' in value],
  initials: ['a text', isTextShape],
  lastFour: ['a text', isTextShape],
};

function isTextShape(value: unknown): boolean {
  return ['word', 'line', 'text', 'phone', 'email'].includes(value as string);
}

function* misfitsOfDerivation({ from, as }: Loose, all: Categories): Generator<Fault> {
  const source = all.find(({ id, value }) => id === from && value !== undefined);
  if (!source) return;
  const { value } = source;
  if (isRecord(as)) {
    const parts = value === 'address' ? ADDRESS_PARTS : isRecord(value) && !('list' in value) ? Object.keys(value) : [];
    if (!parts.includes(as.part as string))
      yield {
        path: ['as'],
        message:
          parts.length > 0
            ? `expected one of the parts ${parts.join(', ')} of ${from}`
            : `expected a way without a part: ${from} has none`,
      };
    return;
  }
  const [what, fits] = MADE_FROM[as as string] ?? [];
  if (fits && !fits(value))
    yield { path: ['as'], message: `expected a way that fits ${from}: ${as} is made from ${what}` };
}

const ADDRESS_PARTS = ['street', 'city', 'postalCode', 'country'];

function* misfitsOfReference(
  key: string,
  category: Loose,
  all: Categories,
  isRight: (other: Loose) => boolean,
): Generator<Fault> {
  const right = all
    .filter((other) => other !== category && isRight(other))
    .flatMap(({ id }) => (isText(id) ? [id] : []));
  const to = category[key];
  if (isText(to) && !right.includes(to))
    yield { path: [key], message: expectedOneOf('another category', 'one of ', to, right) };
}

const isOptionalFeature = (word: unknown): word is OptionalFeature =>
  (OPTIONAL_FEATURES as readonly unknown[]).includes(word);

/** Fields with a fixed name in the readers of a world file, and their roles. */
const OWN_FIELDS: Readonly<Record<string, string>> = { avatarName: 'handle', email: 'mailbox' };

/** Names that the schema already uses, or derives from the type of another category. */
function* takenNames(categories: Categories, parts: readonly OptionalPart[]): Generator<Fault> {
  const reserved = reservedNames(parts);
  const inputs = new Set(categories.map(({ type }) => `${type}Input`));
  for (const [index, { field, type, role }] of categories.entries()) {
    const owner = isText(field) && Object.hasOwn(OWN_FIELDS, field) ? OWN_FIELDS[field] : undefined;
    if (isText(field) && reserved.fields.includes(field))
      yield { path: ['categories', index, 'field'], message: `expected another name: ${field} is taken` };
    else if (owner !== undefined && role !== owner)
      yield {
        path: ['categories', index, 'field'],
        message: `expected another name: ${field} is the field of the category with the role ${owner}`,
      };
    if (isText(type) && [type, `${type}Input`].some((name) => reserved.types.includes(name) || inputs.has(type)))
      yield { path: ['categories', index, 'type'], message: `expected another name: ${type} is taken` };
  }
}

/** Two categories with the same place. */
function* clashes(categories: Categories, key: string): Generator<Fault> {
  for (const [index, category] of categories.entries()) {
    const value = category[key];
    const owner = categories.find((other) => other[key] === value);
    if (isText(value) && owner && owner !== category)
      yield { path: ['categories', index, key], message: `expected another one: ${owner.id} has ${named(value)}` };
  }
}
