import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { groupBy } from '../base/group-by.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { type DataCategory, isIn, NO_CATEGORIES } from '../policy/vocabulary.ts';

/** The type of a person. Every type reachable from it is classified, or declared to hold nothing personal. */
export const SUBJECT_TYPE = 'User';

type Declared = { readonly category: DataCategory } | { readonly holds: 'PART' | 'NOTHING_PERSONAL' };

const EXTENSION = 'classification';

/** On a field: the data category that it shows. */
export const classified = (category: DataCategory) => ({ [EXTENSION]: { category } satisfies Declared });
/** On an object type: its fields are parts of the value of the classified field that holds it. */
export const PART_OF_VALUE = { [EXTENSION]: { holds: 'PART' } satisfies Declared };
/** On an object type: no field of it is about a person. */
export const NOTHING_PERSONAL = { [EXTENSION]: { holds: 'NOTHING_PERSONAL' } satisfies Declared };

/** Fields that carry no category anywhere. */
const UNCLASSIFIED = new Set(['id', '__typename']);

export interface ClassifiedField {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly category: DataCategory;
}

/** The schema would show data that no clause covers; the gateway does not start with it. */
export class ClassificationError extends Error {
  override readonly name = 'ClassificationError';
}

const declared = (of: { readonly extensions: unknown }) =>
  (of.extensions as Record<string, Declared | undefined>)[EXTENSION];

/** The data category that a field shows; undefined where it shows none. */
export const categoryOf = (field: { readonly extensions: unknown }): DataCategory | undefined =>
  (declared(field) as { readonly category?: DataCategory } | undefined)?.category;

/** Every object type that a query can reach from a person. */
function reachable(schema: GraphQLSchema, start: GraphQLObjectType): GraphQLObjectType[] {
  const found = new Set<GraphQLObjectType>();
  const visit = (type: GraphQLObjectType) => {
    if (found.has(type)) return;
    found.add(type);
    for (const field of Object.values(type.getFields())) {
      const target = getNamedType(field.type);
      if (isObjectType(target)) visit(target);
      else if (isCompositeType(target)) schema.getPossibleTypes(target).forEach(visit);
    }
  };
  visit(start);
  return [...found];
}

/** The fields of a schema by their category: a schema never changes, so one search is enough. */
const fieldsByCategory = new WeakMap<GraphQLSchema, ReadonlyMap<DataCategory | undefined, readonly string[]>>();

/** The fields of the schema that show a category: `User.email`. */
export function fieldsShowing(schema: GraphQLSchema, category: DataCategory): readonly string[] {
  const known = fieldsByCategory.get(schema) ?? findFieldsByCategory(schema);
  fieldsByCategory.set(schema, known);
  return known.get(category) ?? [];
}

function findFieldsByCategory(schema: GraphQLSchema): ReadonlyMap<DataCategory | undefined, readonly string[]> {
  const fields = reachable(schema, schema.getType(SUBJECT_TYPE) as GraphQLObjectType).flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({ category: categoryOf(field), at: `${type.name}.${field.name}` })),
  );
  const found = [...groupBy(fields, ({ category }) => category)];
  return new Map(found.map(([category, group]) => [category, group.map(({ at }) => at)]));
}

/**
 * Reads from the schema which field shows which data category.
 *
 * @throws {ClassificationError} naming each field that is unclassified, not nullable, or covered by no clause
 */
export function readClassification(schema: GraphQLSchema, table: DecisionTable): ClassifiedField[] {
  const subject = schema.getType(SUBJECT_TYPE);
  if (!isObjectType(subject)) throw new ClassificationError(`The schema has no object type ${SUBJECT_TYPE}.`);
  const covered = [...table.all.values()].flat().reduce((mask, ruling) => mask | ruling.mask, NO_CATEGORIES);
  const faults: string[] = [];
  const fields = reachable(schema, subject).flatMap((type) =>
    Object.values(type.getFields()).flatMap((field): ClassifiedField[] => {
      const coordinate = `${type.name}.${field.name}`;
      const category = categoryOf(field);
      if (!category) {
        if (!UNCLASSIFIED.has(field.name) && declared(type) === undefined)
          faults.push(`${coordinate} can be reached from ${SUBJECT_TYPE} and has no data category.`);
        return [];
      }
      if (isNonNullType(field.type))
        faults.push(`${coordinate} shows ${category}, which can be denied: it must be nullable.`);
      if (!isIn(covered, category))
        faults.push(`${coordinate} shows ${category}, which no clause of the policy covers.`);
      return [{ type, field, category }];
    }),
  );
  if (faults.length > 0) throw new ClassificationError(faults.join('\n'));
  return fields;
}
