import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';
import { allow, rule, shield } from 'graphql-shield';
import { Denial } from '../errors.ts';
import { reveals } from '../policy/decide.ts';
import type { DataCategory } from '../policy/vocabulary.ts';
import { Subject } from '../subject/subject.ts';
import type { ClassifiedField } from './classification.ts';

/** What a classified field resolves from: the person, or a part of the person's data that remembers whose it is. */
type Source = Subject | { readonly subject: Subject };

const subjectOf = (source: Source) => (source instanceof Subject ? source : source.subject);

const revealRule = (coordinate: string, category: DataCategory) =>
  rule(coordinate, { cache: 'no_cache' })((source: Source, _args, _context, info: GraphQLResolveInfo) => {
    const { decision, access } = subjectOf(source);
    return reveals(decision, category) || new Denial(category, access.reasonFor(category), info);
  });

type Resolve = GraphQLFieldResolver<Source, unknown>;
type FieldMiddleware = (resolve: Resolve, ...of: Parameters<Resolve>) => ReturnType<Resolve>;

/** graphql-shield's own middleware for every classified field, by type and field name; the rest of the schema aside. */
export function createShield(schema: GraphQLSchema, fields: readonly ClassifiedField[]) {
  const tree: Record<string, Record<string, ReturnType<typeof revealRule>>> = {};
  for (const { type, field, category } of fields)
    tree[type.name] = { ...tree[type.name], [field.name]: revealRule(`${type.name}.${field.name}`, category) };
  const categories = new Map(fields.map(({ type, field, category }) => [`${type.name}.${field.name}`, category]));
  const middleware = shield(tree, {
    fallbackRule: allow,
    // A rule that throws denies, and what a resolver throws stays what it is: the error table masks it.
    allowExternalErrors: true,
    fallbackError: (_error, _source, _args, _context, info) => {
      const category = categories.get(`${info.parentType.name}.${info.fieldName}`) as DataCategory;
      return new Denial(category, 'NOT_PERMITTED', info);
    },
  }).generate(schema) as unknown as Record<string, Record<string, FieldMiddleware>>;
  return ({ type, field }: ClassifiedField) => middleware[type.name]?.[field.name] as FieldMiddleware;
}

/** Whether the decision that was already made for this person reveals the category; any doubt is a no. */
const alreadyRevealed = (source: Source, category: DataCategory) => {
  try {
    return reveals(subjectOf(source).decision, category);
  } catch {
    return false;
  }
};

/**
 * Puts the policy's rules in front of the classified fields of a schema, in place.
 * A field whose decision is already known to reveal it goes straight to its resolver; everything else - a denial,
 * a doubt, an exception - takes graphql-shield's own path and ends in its error.
 */
export function enforce(schema: GraphQLSchema, fields: readonly ClassifiedField[]): void {
  const middlewareOf = createShield(schema, fields);
  for (const classifiedField of fields) {
    const { field, category } = classifiedField;
    const resolve = (field.resolve ?? defaultFieldResolver) as Resolve;
    const shielded = middlewareOf(classifiedField);
    const enforced: Resolve = (source, args, context, info) =>
      alreadyRevealed(source, category)
        ? resolve(source, args, context, info)
        : shielded(resolve, source, args, context, info);
    field.resolve = enforced as GraphQLFieldResolver<unknown, unknown>;
  }
}
