import { createRequire } from 'node:module';
import type { GraphQLFieldResolver, GraphQLResolveInfo, GraphQLSchema } from 'graphql';

/**
 * This file alone knows graphql-shield, which nobody looks after any more. It is loaded as CommonJS: its ES modules
 * import `isUndefined` from `util`, which Node 23 took out, so that no later Node loads them. The CommonJS ones call it
 * in the rules `chain` and `race` only, and this file has no use for them.
 *
 * @see https://github.com/maticzav/graphql-shield/issues/1560
 */
const { allow, rule, shield } = createRequire(import.meta.url)('graphql-shield') as typeof import('graphql-shield');

/** A rule that stands before one field of one object type. */
export interface FieldRule<Source> {
  readonly type: string;
  readonly field: string;
  /**
   * Asked for each object that the field is resolved of, and never remembered: `true` lets the field be resolved, an
   * error is told in its place. Anything else is a doubt, and so is a verdict that throws.
   */
  readonly verdict: (source: Source, info: GraphQLResolveInfo) => true | Error;
  /** The error that is told where there is a doubt. */
  readonly onDoubt: (info: GraphQLResolveInfo) => Error;
}

type Resolver<Source> = GraphQLFieldResolver<Source, unknown>;

/** Resolves a field where its rule allows that. An error of the resolver goes on as it is. */
export type FieldGuard<Source> = (
  resolve: Resolver<Source>,
  ...of: Parameters<Resolver<Source>>
) => ReturnType<Resolver<Source>>;

/**
 * Makes the guards of the fields that have a rule, by type and field.
 *
 * @throws {Error} where a rule is for a type or a field that the schema does not have
 */
export function createFieldGuards<Source>(
  schema: GraphQLSchema,
  rules: readonly FieldRule<Source>[],
): ReadonlyMap<string, FieldGuard<Source>> {
  const doubts = new Map<string, FieldRule<Source>['onDoubt']>();
  const tree: Record<string, Record<string, ReturnType<ReturnType<typeof rule>>>> = {};
  for (const { type, field, verdict, onDoubt } of rules) {
    const coordinate = `${type}.${field}`;
    doubts.set(coordinate, onDoubt);
    // its other caches hand the verdict about one object to the next
    const decide = rule(coordinate, { cache: 'no_cache' })((source, _args, _context, info) => verdict(source, info));
    tree[type] = { ...tree[type], [field]: decide };
  }
  const middleware = shield(tree, {
    fallbackRule: allow,
    // without it the error of every resolver would be replaced by that of a doubt
    allowExternalErrors: true,
    fallbackError: (_error, _source, _args, _context, info) =>
      doubts.get(`${info.parentType.name}.${info.fieldName}`)?.(info) as Error,
  }).generate(schema) as unknown as Record<string, Record<string, FieldGuard<Source>>>;
  return new Map(rules.map(({ type, field }) => [`${type}.${field}`, middleware[type]?.[field] as FieldGuard<Source>]));
}
