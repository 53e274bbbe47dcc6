import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import {
  createIntrospectionCost,
  type Fragments,
  fragmentsOf,
  isOfSchema,
  META_FIELDS,
  type Variables,
} from './introspection.ts';
import type { RequestLimits } from './limits.ts';

/** The amounts in a document that have limits; its words are counted as it is read. */
export type Measure = Omit<RequestLimits, 'tokens'>;

/** How long a list is taken to be where the document does not say. */
const ASSUMED_ITEMS = 10;

interface Extent {
  readonly cost: number;
  readonly depth: number;
}

const NOTHING: Extent = { cost: 0, depth: 0 };

/** Bounded, so that a cost never becomes NaN, which compares with nothing. */
const atMost = (cost: number) => Math.min(cost, Number.MAX_SAFE_INTEGER);

/** A type with pages, which are counted where the page is asked for (Relay's cursor connections). */
const isConnection = (type: unknown) => isObjectType(type) && 'pageInfo' in type.getFields();

/**
 * Makes the measure of documents for a schema. It measures a document before it is known to be valid, in time that
 * grows with its length alone: each fragment is walked once, however often it is spread.
 */
export function createMeasure(schema: GraphQLSchema) {
  const introspectionCost = createIntrospectionCost(schema);
  /** @param variables  as sent; a page size among them counts like one that is written down */
  return (document: DocumentNode, variables: Variables): Measure => {
    const fragments = fragmentsOf(document);
    return measure(schema, document, fragments, variables, introspectionCost(fragments, variables));
  };
}

function measure(
  schema: GraphQLSchema,
  document: DocumentNode,
  fragments: Fragments,
  variables: Variables,
  costOfSchema: (node: FieldNode) => number,
): Measure {
  const extents = new Map<string, Extent>();
  const found = { aliases: 0, repeats: 0, directives: 0, items: 0, nesting: 0 };

  const lookInto = (value: ValueNode, nesting = 0): void => {
    const parts =
      value.kind === Kind.LIST
        ? value.values
        : value.kind === Kind.OBJECT
          ? value.fields.map((field) => field.value)
          : null;
    if (!parts) return;
    found.items = Math.max(found.items, parts.length);
    found.nesting = Math.max(found.nesting, nesting + 1);
    for (const part of parts) lookInto(part, nesting + 1);
  };

  const note = ({ directives = [] }: Pick<FieldNode, 'directives'>) => {
    found.directives += directives.length;
    for (const directive of directives) for (const { value } of directive.arguments ?? []) lookInto(value);
  };

  /** How many the document asks for, null where it does not say. */
  const pageOf = ({ arguments: given = [] }: FieldNode): number | null => {
    const value = given.find(({ name }) => name.value === 'first')?.value;
    const first =
      value?.kind === Kind.VARIABLE ? variables[value.name.value] : value?.kind === Kind.INT && Number(value.value);
    return typeof first === 'number' && first >= 0 ? first : null;
  };

  const fieldExtent = (node: FieldNode, parent: unknown): Extent => {
    note(node);
    for (const { value } of node.arguments ?? []) lookInto(value);
    const name = node.name.value;
    const known = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    const meta = META_FIELDS.get(name);
    const type = (known ?? meta)?.type;
    const within = node.selectionSet ? extentOf(node.selectionSet, type && getNamedType(type)) : NOTHING;
    if (isOfSchema(parent)) return { cost: atMost(1 + within.cost), depth: 0 };
    const isList = isListType(getNullableType(type)) && !isConnection(parent);
    const times = pageOf(node) ?? (isList ? ASSUMED_ITEMS : 1);
    const cost = Math.max(times * within.cost, meta ? costOfSchema(node) : 0);
    return { cost: 1 + atMost(cost), depth: 1 + within.depth };
  };

  const spreadExtent = (name: string): Extent => {
    const fragment = fragments.get(name);
    if (!fragment) return NOTHING;
    const known = extents.get(name);
    if (known) return known;
    // A fragment that leads back to itself counts nothing there; validation refuses it.
    extents.set(name, NOTHING);
    note(fragment);
    const extent = extentOf(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value));
    extents.set(name, extent);
    return extent;
  };

  const extentOf = (selectionSet: SelectionSetNode, parent: unknown, asked = new Set<string>()): Extent => {
    let { cost, depth } = NOTHING;
    for (const node of selectionSet.selections) {
      let extent: Extent;
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value;
        if (node.alias) found.aliases++;
        if (asked.has(key)) found.repeats++;
        asked.add(key);
        extent = fieldExtent(node, parent);
      } else {
        note(node);
        if (node.kind === Kind.FRAGMENT_SPREAD) extent = spreadExtent(node.name.value);
        else {
          const type = node.typeCondition ? schema.getType(node.typeCondition.name.value) : parent;
          extent = extentOf(node.selectionSet, type, asked);
        }
      }
      cost += extent.cost;
      depth = Math.max(depth, extent.depth);
    }
    return { cost, depth };
  };

  const operationExtent = (node: OperationDefinitionNode): Extent => {
    note(node);
    for (const variable of node.variableDefinitions ?? []) {
      note(variable);
      if (variable.defaultValue) lookInto(variable.defaultValue);
    }
    return extentOf(node.selectionSet, schema.getRootType(node.operation));
  };

  let { cost, depth } = NOTHING;
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) depth = Math.max(depth, spreadExtent(node.name.value).depth);
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const extent = operationExtent(node);
    cost += extent.cost;
    depth = Math.max(depth, extent.depth);
  }
  return { ...found, definitions: document.definitions.length, cost, depth };
}
