import type { SchemaPart } from './schema-part.ts';

/**
 * Declares what all connections share. Lists go forward only.
 *
 * @see https://relay.dev/graphql/connections.htm
 */
export function definePages({ builder }: Pick<SchemaPart, 'builder'>): void {
  builder.objectType('PageInfo', {
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
}
