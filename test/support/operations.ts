import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  type OperationTypeNode,
} from 'graphql';

export interface Operation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** Makes a value for a scalar of a name, where an argument of a name asks for one. */
export type Fill = (scalar: string, argument: string) => unknown;

const valueFor = (type: GraphQLInputType, argument: string, fill: Fill): unknown => {
  if (isNonNullType(type)) return valueFor(type.ofType, argument, fill);
  if (isListType(type)) return [valueFor(type.ofType, argument, fill)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields()).map((field) => [field.name, valueFor(field.type, field.name, fill)]),
    );
  return fill(type.name, argument);
};

const variableOf = ({ name, type }: GraphQLArgument) => `$${name}: ${type}`;

/** An operation for each field of a root type, with every argument given as a variable. */
export function operationsOf(schema: GraphQLSchema, kind: OperationTypeNode, fill: Fill): Operation[] {
  return Object.values(schema.getRootType(kind)?.getFields() ?? {}).map(({ name, args, type }) => {
    const declared = args.length > 0 ? `(${args.map(variableOf).join(', ')})` : '';
    const given =
      args.length > 0 ? `(${args.map((argument) => `${argument.name}: $${argument.name}`).join(', ')})` : '';
    const selection = isLeafType(getNamedType(type)) ? '' : ' { __typename }';
    return {
      query: `${kind} ${name}${declared} { ${name}${given}${selection} }`,
      variables: Object.fromEntries(
        args.map((argument) => [argument.name, valueFor(argument.type, argument.name, fill)]),
      ),
    };
  });
}
