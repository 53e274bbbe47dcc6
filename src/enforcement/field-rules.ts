import { createRequire } from 'node:module';
import type { GraphQLFieldResolver, GraphQLResolveInfo, GraphQLSchema } from 'graphql';

/**
 * This file alone knows graphql-shield, which is no longer maintained. It is loaded as CommonJS, because its ES modules
 * import `isUndefined` from `util` and Node 23 removed that. The CommonJS modules call it only in the rules `chain` and
 * `race`, and this file uses neither.
 *
 * @see https://github.com/maticzav/graphql-shield/issues/1560
 */
const { allow, rule, shield } = createRequire(import.meta.url)('graphql-shield') as typeof import('graphql-shield');

/** The rule of one field of one object type. */
export interface FieldRule<Source> {
  readonly type: string;
  readonly field: string;
  /**
   * Called for each object before its field resolves, and never cached: `true` lets the field resolve, an error replaces
   * its value. Any other result is a doubt, and so is an exception.
   */
  readonly verdict: (source: Source, info: GraphQLResolveInfo) => true | Error;
  /** The error in the case of a doubt. */
  readonly onDoubt: (info: GraphQLResolveInfo) => Error;
}

type Resolver<Source> = GraphQLFieldResolver<Source, unknown>;

/** Resolves a field if its rule allows that. An error of the resolver passes unchanged. */
export type FieldGuard<Source> = (
  resolve: Resolver<Source>,
  ...of: Parameters<Resolver<Source>>
) => ReturnType<Resolver<Source>>;

/**
 * Makes the guards of the fields that have a rule, by type and field.
 *
 * @throws {Error} if a rule names a type or a field that the schema does not have
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
    // shield's other caches reuse the verdict about one object for the next
    const decide = rule(coordinate, { cache: 'no_cache' })((source, _args, _context, info) => verdict(source, info));
    tree[type] = { ...tree[type], [field]: decide };
  }
  const middleware = shield(tree, {
    fallbackRule: allow,
    // without it the error of a doubt would replace the error of every resolver
    allowExternalErrors: true,
    fallbackError: (_error, _source, _args, _context, info) =>
      doubts.get(`${info.parentType.name}.${info.fieldName}`)?.(info) as Error,
  }).generate(schema) as unknown as Record<string, Record<string, FieldGuard<Source>>>;
  return new Map(rules.map(({ type, field }) => [`${type}.${field}`, middleware[type]?.[field] as FieldGuard<Source>]));
}
