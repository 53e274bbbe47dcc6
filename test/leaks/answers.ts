import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  Kind,
  type SelectionSetNode,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** Reads a document to find the field behind each name of its answer. */
export class Reading {
  readonly #schema: GraphQLSchema;
  readonly #variables: Values;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly operation: 'query' | 'mutation';
  readonly root: SelectionSetNode;
  readonly rootType: GraphQLObjectType;

  constructor(schema: GraphQLSchema, document: DocumentNode, variables: Values) {
    this.#schema = schema;
    this.#variables = variables;
    this.#fragments = new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
      ),
    );
    const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
    if (!operation || operation.operation === 'subscription') throw new Error('There is nothing asked for.');
    this.operation = operation.operation;
    this.root = operation.selectionSet;
    this.rootType = schema.getRootType(operation.operation) as GraphQLObjectType;
  }

  /** The fields asked for at the root. */
  rootFields() {
    return [...this.fieldsOf([this.root], this.rootType)].flatMap(([name, [node]]) =>
      node ? [{ name, field: node.name.value, args: this.argumentsOf(node) }] : [],
    );
  }

  argumentsOf({ arguments: given = [] }: FieldNode): Values {
    return Object.fromEntries(
      given.map(({ name, value }) => [name.value, valueFromASTUntyped(value, this.#variables)]),
    );
  }

  #isKept({ directives = [] }: Pick<FieldNode, 'directives'>): boolean {
    return directives.every(({ name, arguments: [condition] = [] }) => {
      const holds = condition && valueFromASTUntyped(condition.value, this.#variables);
      return name.value === 'skip' ? holds !== true : holds === true;
    });
  }

  #applies(condition: string, type: GraphQLObjectType): boolean {
    const named = this.#schema.getType(condition);
    return condition === type.name || (isInterfaceType(named) && this.#schema.isSubType(named, type));
  }

  /** The fields of an object of this type, by the name that each has in the answer. */
  fieldsOf(selections: readonly SelectionSetNode[], type: GraphQLObjectType): Map<string, FieldNode[]> {
    const fields = new Map<string, FieldNode[]>();
    const collect = (set: SelectionSetNode) => {
      for (const node of set.selections) {
        if (!this.#isKept(node)) continue;
        if (node.kind === Kind.FIELD) {
          const name = node.alias?.value ?? node.name.value;
          fields.set(name, [...(fields.get(name) ?? []), node]);
          continue;
        }
        const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : this.#fragments.get(node.name.value);
        const condition = fragment?.typeCondition?.name.value;
        if (fragment && (condition === undefined || this.#applies(condition, type))) collect(fragment.selectionSet);
      }
    };
    selections.forEach(collect);
    return fields;
  }
}

/** Every coordinate that a document asks for. */
export function coordinatesIn(schema: GraphQLSchema, document: DocumentNode): string[] {
  const types = new TypeInfo(schema);
  const found: string[] = [];
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ name }) => void found.push(`${types.getParentType()?.name}.${name.value}`),
    }),
  );
  return found;
}
