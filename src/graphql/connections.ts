import type { Subject } from '../subject/subject.ts';
import type { SchemaPart } from './refs.ts';

interface Edge {
  readonly node: Subject;
  readonly cursor: string;
}

/** A page of people, in the order of their list. */
export interface UserConnection {
  readonly edges: readonly Edge[];
  readonly hasNextPage: boolean;
}

/**
 * Declares how a page of people is told. Lists go forward only.
 *
 * @see https://relay.dev/graphql/connections.htm
 */
export function defineUserConnection({ builder, refs }: Pick<SchemaPart, 'builder' | 'refs'>) {
  const PageInfo = builder.objectRef<UserConnection>('PageInfo');
  builder.objectType(PageInfo, {
    description: 'Where a page of a list stands.',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether the list goes on after this page.' }),
      hasPreviousPage: t.boolean({
        description: 'Always false: lists go forward only, and what stands before a page is not looked up.',
        resolve: () => false,
      }),
      startCursor: t.string({
        nullable: true,
        description: 'The cursor of the first item; null for an empty page.',
        resolve: ({ edges }) => edges.at(0)?.cursor,
      }),
      endCursor: t.string({
        nullable: true,
        description: 'The cursor of the last item, for the `after` of the next page; null for an empty page.',
        resolve: ({ edges }) => edges.at(-1)?.cursor,
      }),
    }),
  });

  const UserEdge = builder.objectRef<Edge>('UserEdge');
  builder.objectType(UserEdge, {
    description: 'A person in a page.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Where the person stands in the list; it tells nothing else.' }),
      node: t.expose('node', { type: refs.User, description: 'The person.' }),
    }),
  });

  const Connection = builder.objectRef<UserConnection>('UserConnection');
  builder.objectType(Connection, {
    description: 'A page of people of whom the caller may see something, in an order that means nothing.',
    fields: (t) => ({
      edges: t.expose('edges', { type: [UserEdge], description: 'The people of the page.' }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'Where the page stands.',
        resolve: (connection) => connection,
      }),
    }),
  });
  return Connection;
}
