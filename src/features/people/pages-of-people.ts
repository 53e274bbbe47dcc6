import { type Paging, wantedOf } from '../../graphql/connections.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { Filter } from '../../policy/filter.ts';
import type { SubjectPage } from '../../subject/loader.ts';
import type { Subject } from '../../subject/subject.ts';

/**
 * A page of people. The policy reveals something of each of them to the caller.
 *
 * @param among  only these people
 * @throws {ApiError} BAD_INPUT for a bad number of people, or a cursor that this caller was not given
 */
export async function pageOfPeople(
  { subjects }: Pick<Context, 'subjects'>,
  paging: Paging,
  among?: Filter,
): Promise<SubjectPage> {
  const { count, position } = wantedOf(paging, subjects.positionOf);
  return subjects.page(count, position, among);
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
    description: 'A page of people about whom the caller may see something, in an order without meaning.',
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
