import { type DocumentNode, type GraphQLSchema, isObjectType, Kind, OperationTypeNode, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { bitOf, type CategoryMask, EVERY_CATEGORY, NO_CATEGORIES } from '../policy/vocabulary.ts';
import { categoryOf } from './classification.ts';

/** The categories that fields of one name show, over all types. */
function categoriesByName(schema: GraphQLSchema): ReadonlyMap<string, CategoryMask> {
  const found = new Map<string, CategoryMask>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const category = categoryOf(field);
      if (category) found.set(field.name, (found.get(field.name) ?? NO_CATEGORIES) | bitOf(category));
    }
  }
  return found;
}

/**
 * Tells which categories a document could ask for, by the names of its fields alone: perhaps too many, never too few.
 * For a mutation it tells every category, because the document does not show the mutation's own reads.
 */
export function createDemand(schema: GraphQLSchema) {
  const categories = categoriesByName(schema);
  const known = new WeakMap<DocumentNode, CategoryMask>();

  const read = (document: DocumentNode): CategoryMask => {
    const isQuery = (definition: DocumentNode['definitions'][number]) =>
      definition.kind !== Kind.OPERATION_DEFINITION || definition.operation === OperationTypeNode.QUERY;
    if (!document.definitions.every(isQuery)) return EVERY_CATEGORY;
    let mask = NO_CATEGORIES;
    visit(document, {
      Field: ({ name }) => {
        mask |= categories.get(name.value) ?? NO_CATEGORIES;
      },
    });
    return mask;
  };

  return (document: DocumentNode): CategoryMask => {
    const mask = known.get(document) ?? read(document);
    known.set(document, mask);
    return mask;
  };
}

/** Puts the demanded categories on the context, so that the gateway reads nothing else. */
export const useDemand = (schema: GraphQLSchema): Plugin<{ readonly asked: CategoryMask }> => {
  const demandOf = createDemand(schema);
  return {
    onParse:
      () =>
      ({ result, extendContext }) => {
        if (!(result instanceof Error)) extendContext({ asked: demandOf(result) });
      },
  };
};
