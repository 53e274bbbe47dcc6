import type { PolicyDiff, VisibilityChange } from './diff.ts';
import { groupBy } from './group-by.ts';
import type { DataCategory } from './vocabulary.ts';

/** The fields of the schema that show a category: `User.email`. */
export type FieldsOf = (category: DataCategory) => readonly string[];

const VERBS: Readonly<Record<VisibilityChange['change'], string>> = {
  REVEALED: 'may newly see',
  HIDDEN: 'no longer sees',
  CONDITIONED: 'sees on other conditions',
};

const audienceOf = ({ recipient, purpose }: VisibilityChange) =>
  purpose === null ? recipient : `${recipient}, for ${purpose},`;

/** What a later version changes, a sentence for each thing: first who sees more, less or otherwise, and which fields. */
export function diffInWords(
  { added, removed, changed, settings, visibility }: PolicyDiff,
  fieldsOf: FieldsOf,
): string[] {
  const alike = groupBy(visibility, (change) => `${audienceOf(change)} ${VERBS[change.change]}`);
  return [
    ...[...alike].map(
      ([beginning, changes]) =>
        `${beginning} ${[...new Set(changes.flatMap(({ category }) => fieldsOf(category)))].join(', ')}`,
    ),
    ...added.map((id) => `the clause ${id} is new`),
    ...removed.map((id) => `the clause ${id} is gone`),
    ...changed.map(({ id, parts }) => `the clause ${id} says otherwise: ${parts.join(', ')}`),
    ...settings.map((key) => `the setting ${key} is another`),
  ];
}
