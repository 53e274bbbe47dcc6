import type { SubjectPage } from '../subject/loader.ts';
import type { Subject } from '../subject/subject.ts';
import type { Context } from './context.ts';
import type { SchemaPart } from './refs.ts';

/**
 * Declares how a page of people is told. Lists go forward only.
 *
 * @see https://relay.dev/graphql/connections.htm
 */
export function defineUserConnection({ builder, refs }: Pick<SchemaPart, 'builder' | 'refs'>) {
  const cursorOf = (subject: Subject | undefined, { subjects }: Context) =>
    subject ? subjects.cursorOf(subject) : null;

  builder.objectType(refs.PageInfo, {
    description: 'Where a page of a list stands.',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether the list goes on after this page.' }),
      hasPreviousPage: t.boolean({
        description: 'Always false: lists go forward only, and what stands before a page is not looked up.',
        resolve: () => false,
      }),
      startCursor: t.exposeString('startCursor', {
        nullable: true,
        description: 'The cursor of the first item; null for an empty page.',
      }),
      endCursor: t.exposeString('endCursor', {
        nullable: true,
        description: 'The cursor of the last item, for the `after` of the next page; null for an empty page.',
      }),
    }),
  });

  const UserEdge = builder.objectRef<Subject>('UserEdge');
  builder.objectType(UserEdge, {
    description: 'A person in a page.',
    fields: (t) => ({
      cursor: t.string({
        description: 'Where the person stands in the list; it tells nothing else.',
        resolve: (subject, _args, { subjects }) => subjects.cursorOf(subject),
      }),
      node: t.field({ type: refs.User, description: 'The person.', resolve: (subject) => subject }),
    }),
  });

  const Connection = builder.objectRef<SubjectPage>('UserConnection');
  builder.objectType(Connection, {
    description: 'A page of people of whom the caller may see something, in an order that means nothing.',
    fields: (t) => ({
      edges: t.field({
        type: [UserEdge],
        description: 'The people of the page.',
        resolve: ({ subjects }) => subjects,
      }),
      pageInfo: t.field({
        type: refs.PageInfo,
        description: 'Where the page stands.',
        resolve: ({ subjects, hasNextPage }, _args, context) => ({
          hasNextPage,
          startCursor: cursorOf(subjects.at(0), context),
          endCursor: cursorOf(subjects.at(-1), context),
        }),
      }),
    }),
  });
  return Connection;
}
