import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  introspectionTypes,
  isIntrospectionType,
  isObjectType,
  Kind,
  parse,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  visit,
} from 'graphql';
import { WHOLE_SCHEMA_COST } from './limits.ts';

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;
export type Variables = Readonly<Record<string, unknown>>;

type AnyField = GraphQLField<unknown, unknown>;

/** The fields that ask for the schema, by name. */
export const META_FIELDS: ReadonlyMap<string, AnyField> = new Map([
  ['__schema', SchemaMetaFieldDef],
  ['__type', TypeMetaFieldDef],
]);

/** The fields of introspection that answer with fielded parts, and the type of the parts. */
const PARTS: ReadonlyMap<AnyField, GraphQLObjectType> = new Map(
  introspectionTypes
    .filter(isObjectType)
    .flatMap((type) => Object.values(type.getFields()))
    .flatMap((field) => {
      const type = getNamedType(field.type);
      return isObjectType(type) ? [[field, type] as const] : [];
    }),
);

/** Whether a field of this type tells something of the schema. */
export const isOfSchema = (type: unknown): boolean => isObjectType(type) && isIntrospectionType(type);

/** A count ends where it has visited as many selections as this many whole schemas have fields. */
const MOST_WHOLES = 4;

/** The question that tools ask for a whole schema, with everything that it may ask for. */
const WHOLE_SCHEMA = parse(
  getIntrospectionQuery({
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    experimentalDirectiveDeprecation: true,
    oneOf: true,
  }),
);

/**
 * Counts the fields of an answer about the schema. That answer is known before anyone asks for it, so the count walks
 * the schema as an execution does; but each selection meets each part of the schema once, however often they meet.
 *
 * A count is never below the number of fields that an execution resolves. A field that is selected twice counts twice,
 * and a deprecated part counts, whether it is asked for or not.
 *
 * @param most  the visits after which a count ends and is Infinity
 */
function createCount(schema: GraphQLSchema, fragments: Fragments, variables: Variables, most: number) {
  const info = { schema } as GraphQLResolveInfo;
  const counts = new Map<SelectionSetNode, Map<unknown, number>>();
  let visits = 0;

  const countSet = (selectionSet: SelectionSetNode, type: GraphQLObjectType, source: unknown): number => {
    const known = counts.get(selectionSet) ?? new Map<unknown, number>();
    const before = known.get(source);
    if (before !== undefined) return before;
    // A fragment that leads back to itself counts nothing there; validation refuses it.
    counts.set(selectionSet, known.set(source, 0));
    let count = 0;
    for (const node of selectionSet.selections) {
      count += countSelection(node, type, source);
      if (count === Number.POSITIVE_INFINITY) break;
    }
    known.set(source, count);
    return count;
  };

  const countSelection = (node: SelectionNode, type: GraphQLObjectType, source: unknown): number => {
    if (++visits > most) return Number.POSITIVE_INFINITY;
    if (node.kind === Kind.FIELD) return countField(node, type.getFields()[node.name.value], source);
    const { selectionSet } = node.kind === Kind.FRAGMENT_SPREAD ? (fragments.get(node.name.value) ?? {}) : node;
    return selectionSet ? countSet(selectionSet, type, source) : 0;
  };

  const countField = ({ selectionSet }: FieldNode, field: AnyField | undefined, source: unknown): number => {
    const type = field && PARTS.get(field);
    if (!selectionSet || !type) return 1;
    const answer: unknown = field.resolve?.(source, { includeDeprecated: true }, null, info) ?? [];
    let count = 1;
    for (const part of Array.isArray(answer) ? answer : [answer]) {
      count += countSet(selectionSet, type, part);
      if (count === Number.POSITIVE_INFINITY) break;
    }
    return count;
  };

  /** The type that a document names; every type where a default of the document does. */
  const typesNamed = ({ arguments: given = [] }: FieldNode): readonly (GraphQLNamedType | undefined)[] => {
    const value = given.find(({ name }) => name.value === 'name')?.value;
    const name =
      value?.kind === Kind.VARIABLE ? variables[value.name.value] : value?.kind === Kind.STRING && value.value;
    return typeof name === 'string' ? [schema.getType(name)] : Object.values(schema.getTypeMap());
  };

  /** @param node  one of META_FIELDS, as a document selects it */
  return (node: FieldNode): number => {
    const type = getNamedType(META_FIELDS.get(node.name.value)?.type);
    const { selectionSet } = node;
    if (!selectionSet || !isObjectType(type)) return 1;
    const sources = node.name.value === '__schema' ? [schema] : typesNamed(node);
    return 1 + Math.max(0, ...sources.map((source) => (source ? countSet(selectionSet, type, source) : 0)));
  };
}

export const fragmentsOf = (document: DocumentNode): Fragments =>
  new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );

/** Fields of the whole schema, as tools ask for it. */
function wholeOf(schema: GraphQLSchema): number {
  const count = createCount(schema, fragmentsOf(WHOLE_SCHEMA), {}, Number.POSITIVE_INFINITY);
  let whole = 0;
  visit(WHOLE_SCHEMA, {
    Field: (node) => {
      if (META_FIELDS.has(node.name.value)) whole += count(node);
    },
  });
  return whole;
}

/**
 * The cost of a selection from the schema, in proportion to the whole schema. So the question that tools ask costs the
 * same for a schema of any size, and the work of an execution is bounded by a number of whole schemas.
 *
 * @returns a function for one document and its variables, of the field that asks: `__schema` or `__type`
 */
export function createIntrospectionCost(schema: GraphQLSchema) {
  const whole = wholeOf(schema);
  return (fragments: Fragments, variables: Variables) => {
    const count = createCount(schema, fragments, variables, MOST_WHOLES * whole);
    return (node: FieldNode): number => Math.ceil((count(node) / whole) * WHOLE_SCHEMA_COST);
  };
}
