/** Tells TypeScript the variables and the result of a document: codegen, gql.tada and others write it alike. */
export interface Typed<Result, Variables> {
  readonly __apiType?: (variables: Variables) => Result;
}

interface Parsed {
  readonly kind: 'Document';
  readonly definitions: readonly object[];
}

/** A document, parsed or as text. A text alone tells no types: say them where it is sent. */
export type TypedDocument<Result, Variables> = (Parsed | string | string) & Typed<Result, Variables>;

/** A node of a parsed document; only the parts read here are relied on. */
// biome-ignore lint/suspicious/noExplicitAny: a document is made by whichever parser the program has
type Node = any;

const inBraces = (nodes: readonly Node[] | undefined) => (nodes?.length ? `{${nodes.map(print).join(' ')}}` : '');
const inBrackets = (nodes: readonly Node[] | undefined) => (nodes?.length ? `(${nodes.map(print).join(' ')})` : '');
const directives = (node: Node) =>
  (node.directives ?? []).map((one: Node) => ` @${one.name.value}${inBrackets(one.arguments)}`).join('');
const on = (node: Node) => (node ? ` on ${node.name.value}` : '');

const PRINTERS: Readonly<Record<string, (node: Node) => string>> = {
  OperationDefinition: (node) =>
    `${node.operation} ${node.name?.value ?? ''}${inBrackets(node.variableDefinitions)}${directives(node)}${print(node.selectionSet)}`,
  VariableDefinition: (node) =>
    `${print(node.variable)}:${print(node.type)}${node.defaultValue ? `=${print(node.defaultValue)}` : ''}${directives(node)}`,
  FragmentDefinition: (node) =>
    `fragment ${node.name.value}${on(node.typeCondition)}${directives(node)}${print(node.selectionSet)}`,
  SelectionSet: (node) => inBraces(node.selections),
  Field: (node) =>
    `${node.alias ? `${node.alias.value}:` : ''}${node.name.value}${inBrackets(node.arguments)}${directives(node)}${node.selectionSet ? print(node.selectionSet) : ''}`,
  FragmentSpread: (node) => `...${node.name.value}${directives(node)}`,
  InlineFragment: (node) => `...${on(node.typeCondition)}${directives(node)}${print(node.selectionSet)}`,
  Argument: (node) => `${node.name.value}:${print(node.value)}`,
  ObjectField: (node) => `${node.name.value}:${print(node.value)}`,
  NamedType: (node) => node.name.value,
  ListType: (node) => `[${print(node.type)}]`,
  NonNullType: (node) => `${print(node.type)}!`,
  Variable: (node) => `$${node.name.value}`,
  StringValue: (node) => JSON.stringify(node.value),
  NullValue: () => 'null',
  ListValue: (node) => `[${node.values.map(print).join(' ')}]`,
  ObjectValue: (node) => `{${node.fields.map(print).join(' ')}}`,
};

const print = (node: Node): string => (PRINTERS[node.kind] ?? (({ value }: Node) => String(value)))(node);

/** The text of a document. */
export const textOf = (document: TypedDocument<unknown, never>): string =>
  typeof document === 'object' && 'definitions' in document
    ? document.definitions.map(print).join('\n')
    : String(document);

/** Whether the operations of a document are mutations that take a key, by which they may come again. */
export const takesKey = (text: string): boolean => /\$idempotencyKey\s*:/.test(text);
