import type { Policy } from '../policy/clause.ts';
import {
  type CategoryRole,
  categoryNamed,
  categoryWith,
  type DataCategory,
  scopeWord,
  staffAudience,
  type Vocabulary,
} from '../policy/vocabulary.ts';

/** Names of things in descriptions, in the words of the policy that the schema is built for. */

export const withArticle = (words: string): string => `${/^[aeiou]/i.test(words) ? 'an' : 'a'} ${words}`;

export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

export const capitalized = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;

/** The name by which people look each other up: `userName` is a user name. */
export const handleWords = (vocabulary: Vocabulary): string =>
  (categoryWith(vocabulary, 'handle')?.field ?? 'name').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const ROLE_WORDS: Readonly<Record<CategoryRole, (vocabulary: Vocabulary) => string>> = {
  handle: handleWords,
  displayName: () => 'name',
  mailbox: () => 'email address',
  birthDate: () => 'date of birth',
  residence: () => 'address',
};

/** Categories as a sentence lists them; null where one of them has no meaning that code knows. */
export function roleWords(vocabulary: Vocabulary, categories: readonly DataCategory[]): readonly string[] | null {
  const roles = categories.map((id) => categoryNamed(vocabulary, id)?.role);
  const known = roles.filter((role) => role !== undefined);
  return known.length === roles.length ? known.map((role) => ROLE_WORDS[role](vocabulary)) : null;
}

/** How a scope names a category, for example. */
export const scopeExample = (vocabulary: Vocabulary): string =>
  scopeWord((categoryWith(vocabulary, 'residence') ?? vocabulary.categories[0])?.id ?? '');

/** Audiences that are no partners, for example. */
export const audienceExamples = ({ staff: [first] }: Vocabulary): readonly string[] => [
  ...['SELF', 'VISITOR', 'MEMBER'],
  ...(first ? [staffAudience(first.id)] : []),
];

/** The id of a clause, for example. */
export const clauseExample = ({ clauses }: Pick<Policy, 'clauses'>): string =>
  (clauses.find(({ id }) => id.endsWith('.opt-out')) ?? clauses[0])?.id ?? '';
