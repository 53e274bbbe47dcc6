import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { Context } from './context.ts';

/** Mutations are begun before the deadline or not at all, and each that was begun is finished. In place. */
export function finishMutations(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = (root, args, context: Context, info) =>
      context.deadline.finish(() => resolve(root, args, context, info));
  }
}
