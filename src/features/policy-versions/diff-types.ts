import { fieldsShowing, PART_OF_VALUE } from '../../enforcement/classification.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { Policy } from '../../policy/clause.ts';
import { type ClauseChange, diffPolicies, type PolicyDiff, type VisibilityChange } from '../../policy/diff.ts';
import { diffInWords } from '../../policy/diff-words.ts';

const diffs = new WeakMap<Policy, WeakMap<Policy, PolicyDiff>>();

/** Anybody may ask for a difference, and finding it takes a while; versions never change, so it is found once. */
export function diffBetween(before: Policy, after: Policy): PolicyDiff {
  const known = diffs.get(before) ?? new WeakMap<Policy, PolicyDiff>();
  diffs.set(before, known);
  const diff = known.get(after) ?? diffPolicies(before, after);
  known.set(after, diff);
  return diff;
}

const idsOf = (clauses: readonly ClauseChange[], change: ClauseChange['change']) =>
  clauses.filter((clause) => clause.change === change).map(({ id }) => id);

/** How the difference of two versions is told. */
export function definePolicyDiff({ builder, enums }: SchemaPart): void {
  const Visibility = builder.objectRef<VisibilityChange>('VisibilityChange');
  builder.objectType(Visibility, {
    description: 'A category that becomes visible to a kind of caller, or ceases to be.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      recipient: t.exposeString('recipient', {
        description: '`SELF`, `VISITOR`, `MEMBER`, `STAFF_…` or a partner kind.',
      }),
      purpose: t.exposeString('purpose', {
        nullable: true,
        description: 'For which purpose; null where the purpose does not matter.',
      }),
      category: t.field({
        type: enums.DataCategory,
        description: 'The category.',
        resolve: ({ category }) => category,
      }),
      fields: t.stringList({
        description: 'Which fields of this schema show it: `User.email`.',
        resolve: ({ category }, _args, _context, { schema }) => [...fieldsShowing(schema, category)],
      }),
      change: t.field({
        type: builder.enumType('VisibilityChangeKind', {
          description: 'The change for a category.',
          values: {
            REVEALED: { description: 'It was never shown and may be.' },
            HIDDEN: { description: 'It may have been shown and never is.' },
            CONDITIONED: { description: 'It is shown on other conditions than before.' },
          },
        }),
        description: 'Whether it is revealed, hidden, or shown on other conditions.',
        resolve: ({ change }) => change,
      }),
    }),
  });
  builder.objectType('PolicyDiff', {
    description: 'The changes of a version of the policy against another one.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      added: t.field({
        type: ['ID'],
        description: 'Keys of clauses that are new.',
        resolve: ({ clauses }) => idsOf(clauses, 'ADDED'),
      }),
      removed: t.field({
        type: ['ID'],
        description: 'Keys of clauses that are gone.',
        resolve: ({ clauses }) => idsOf(clauses, 'REMOVED'),
      }),
      changed: t.field({
        type: ['ID'],
        description: 'Keys of clauses that say something else.',
        resolve: ({ clauses }) => idsOf(clauses, 'CHANGED'),
      }),
      visibility: t.field({
        type: [Visibility],
        description: 'The categories that become visible or hidden, by kind of caller.',
        resolve: ({ visibility }) => visibility,
      }),
      inWords: t.stringList({
        description: 'The same in sentences, for people: fields that callers may see from now on come first.',
        resolve: (diff, _args, _context, { schema }) =>
          diffInWords(diff, (category) => fieldsShowing(schema, category)).map(({ says }) => says),
      }),
    }),
  });
}
