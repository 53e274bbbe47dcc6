import { badInput } from '../../base/errors.ts';
import { opaque } from '../../enforcement/card-guard.ts';
import { countOf } from '../../graphql/arguments.ts';
import type { Builder } from '../../graphql/builder.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { Filter } from '../../policy/filter.ts';
import type { SubjectPage } from '../../subject/loader.ts';
import type { Subject } from '../../subject/subject.ts';

const PAGE = { usual: 20, most: 100 } as const;

type QueryFields = Parameters<Parameters<Builder['queryFields']>[0]>[0];

/** The arguments of a page of people. */
export const paging = (t: Pick<QueryFields, 'arg'>) => ({
  first: t.arg.int({ description: `How many, up to ${PAGE.most}; ${PAGE.usual} where nothing is said.` }),
  after: t.arg.string({ description: 'The `endCursor` of the page before.', extensions: opaque() }),
});

interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/**
 * A page of the people of whom the caller may see something.
 *
 * @param among  only these people
 * @throws {ApiError} BAD_INPUT for what is no number of people and no cursor of this caller
 */
export async function pageOfPeople(
  { subjects }: Pick<Context, 'subjects'>,
  { first, after }: PageArguments,
  among?: Filter,
): Promise<SubjectPage> {
  const position = after == null ? null : subjects.positionOf(after);
  if (after != null && position === null) throw badInput('after', 'a cursor of this list');
  return subjects.page(countOf('first', first, PAGE.usual, PAGE.most), position, among);
}

/** Declares how a page of people is told. */
export function definePagesOfPeople({ builder }: Pick<SchemaPart, 'builder'>): void {
  const cursorOf = (subject: Subject | undefined, { subjects }: Context) =>
    subject ? subjects.cursorOf(subject) : null;

  const UserEdge = builder.objectRef<Subject>('UserEdge');
  builder.objectType(UserEdge, {
    description: 'A person in a page.',
    fields: (t) => ({
      cursor: t.string({
        description: 'Where the person stands in the list; it tells nothing else.',
        resolve: (subject, _args, { subjects }) => subjects.cursorOf(subject),
      }),
      node: t.field({ type: 'User', description: 'The person.', resolve: (subject) => subject }),
    }),
  });

  builder.objectType('UserConnection', {
    description: 'A page of people of whom the caller may see something, in an order that means nothing.',
    fields: (t) => ({
      edges: t.field({
        type: [UserEdge],
        description: 'The people of the page.',
        resolve: ({ subjects }) => subjects,
      }),
      pageInfo: t.field({
        type: 'PageInfo',
        description: 'Where the page stands.',
        resolve: ({ subjects, hasNextPage }, _args, context) => ({
          hasNextPage,
          startCursor: cursorOf(subjects.at(0), context),
          endCursor: cursorOf(subjects.at(-1), context),
        }),
      }),
    }),
  });
}
