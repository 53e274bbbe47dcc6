import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { Denial } from '../base/errors.ts';
import { reveals } from '../policy/decide.ts';
import type { DataCategory } from '../policy/vocabulary.ts';
import { Subject } from '../subject/subject.ts';
import type { ClassifiedField } from './classification.ts';
import { createFieldGuards, type FieldGuard, type FieldRule } from './field-rules.ts';

/** The source of a classified field: the person, or a part of the person's data with a reference to the person. */
type Source = Subject | { readonly subject: Subject };

const subjectOf = (source: Source) => (source instanceof Subject ? source : source.subject);

/** The rule of one classified field: it reads the decision about this person, and makes none itself. */
const revealRule = ({ type, field, category }: ClassifiedField): FieldRule<Source> => ({
  type: type.name,
  field: field.name,
  verdict: (source, info) => {
    const { decision, access } = subjectOf(source);
    return reveals(decision, category) || new Denial(category, access.reasonFor(category), info);
  },
  onDoubt: (info) => new Denial(category, 'NOT_PERMITTED', info),
});

/** The guard of every classified field; the rest of the schema has none. */
export function createShield(schema: GraphQLSchema, fields: readonly ClassifiedField[]) {
  const guards = createFieldGuards(schema, fields.map(revealRule));
  return ({ type, field }: ClassifiedField) => guards.get(`${type.name}.${field.name}`) as FieldGuard<Source>;
}

/** Whether the existing decision about this person reveals the category; any doubt counts as a no. */
const alreadyRevealed = (source: Source, category: DataCategory) => {
  try {
    return reveals(subjectOf(source).decision, category);
  } catch {
    return false;
  }
};

/**
 * Puts the policy's rules in front of the classified fields of a schema, in place.
 * If the decision is known and reveals the field, its resolver runs at once. Everything else - a denial, a doubt, an
 * exception - goes through the field's guard and ends in its error.
 */
export function enforce(schema: GraphQLSchema, fields: readonly ClassifiedField[]): void {
  const guardOf = createShield(schema, fields);
  for (const classifiedField of fields) {
    const { field, category } = classifiedField;
    const resolve = (field.resolve ?? defaultFieldResolver) as GraphQLFieldResolver<Source, unknown>;
    const guard = guardOf(classifiedField);
    const enforced: typeof resolve = (source, args, context, info) =>
      alreadyRevealed(source, category)
        ? resolve(source, args, context, info)
        : guard(resolve, source, args, context, info);
    field.resolve = enforced as GraphQLFieldResolver<unknown, unknown>;
  }
}
