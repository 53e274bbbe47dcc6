import {
  DirectiveLocation,
  GraphQLDirective,
  type GraphQLField,
  GraphQLInt,
  GraphQLList,
  type GraphQLSchema,
  getNullableType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  lexicographicSortSchema,
  parse,
  printSchema,
} from 'graphql';
import { categoryOf } from '../enforcement/classification.ts';

/**
 * Tells clients that handle errors by themselves which fields are null only where an error says why.
 *
 * @see https://specs.apollo.dev/nullability/v0.4 (`@semanticNonNull`)
 * @see https://relay.dev/docs/guides/semantic-nullability/
 */
export const SEMANTIC_NON_NULL = new GraphQLDirective({
  name: 'semanticNonNull',
  description: 'The value is null only where an error at its path says why: a denial, or a fault.',
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: {
    levels: {
      type: new GraphQLList(GraphQLInt),
      defaultValue: [0],
      description: 'Which levels of a list it is said of; the field itself is 0.',
    },
  },
});

const EXTENSION = 'nullOnlyByError';

/** On a nullable field: nothing but an error makes it null. Classified lists have it without being marked. */
export const NULL_ONLY_BY_ERROR = { [EXTENSION]: true };

/** Whether nothing but an error makes a field null. A list that is revealed and empty is `[]`. */
export const isNullOnlyByError = (field: GraphQLField<unknown, unknown>): boolean =>
  !isNonNullType(field.type) &&
  (field.extensions[EXTENSION] === true ||
    (isListType(getNullableType(field.type)) && categoryOf(field) !== undefined));

/** The schema as a file shows it: in the order of the alphabet, with the directives of its fields. */
export function printWithDirectives(schema: GraphQLSchema): string {
  const text = printSchema(lexicographicSortSchema(schema));
  const places = parse(text).definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return [];
    const type = schema.getType(definition.name.value);
    const fields = isObjectType(type) ? type.getFields() : {};
    return (definition.fields ?? []).flatMap(({ name, type: { loc } }) => {
      const field = fields[name.value];
      return field && loc && isNullOnlyByError(field) ? [loc.end] : [];
    });
  });
  const parts = [0, ...places].map((start, index) => text.slice(start, places[index]));
  return `${parts.join(` @${SEMANTIC_NON_NULL.name}`)}\n`;
}
