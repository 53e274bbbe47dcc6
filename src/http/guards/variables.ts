import {
  coerceInputValue,
  type GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ApiError, badInput } from '../../base/errors.ts';
import { expectedValue } from './expected.ts';
import { enumHint, fieldHint, variableHint } from './hints.ts';

/** How many faults are told at once. */
const MOST_ERRORS = 10;

type Variables = Readonly<Record<string, unknown>>;

/** The type that the schema expects at a place within a value. */
function typeAt(type: GraphQLInputType, [step, ...further]: readonly (string | number)[]): GraphQLInputType {
  if (step === undefined) return type;
  const nullable = getNullableType(type);
  if (isListType(nullable)) return typeAt(nullable.ofType, typeof step === 'number' ? further : [step, ...further]);
  const field = isInputObjectType(nullable) ? nullable.getFields()[step] : undefined;
  return field ? typeAt(field.type, further) : type;
}

/** Our own scalars name the form that they expect. */
const expectedOf = (type: GraphQLInputType, error: GraphQLError): string =>
  error instanceof ApiError && typeof error.extensions.expected === 'string'
    ? error.extensions.expected
    : expectedValue(type);

const nameOf = ({ variable }: VariableDefinitionNode) => variable.name.value;

interface Given {
  readonly schema: GraphQLSchema;
  readonly definitions: readonly VariableDefinitionNode[];
  readonly values: Variables;
  readonly hints: boolean;
}

function* faultsOf(
  definition: VariableDefinitionNode,
  { schema, definitions, values, hints }: Given,
): Generator<ApiError> {
  const type = typeFromAST(schema, definition.type as never);
  if (!isInputType(type)) return;
  const name = nameOf(definition);
  if (!Object.hasOwn(values, name)) {
    if (!isNonNullType(type) || definition.defaultValue) return;
    const hint = hints ? variableHint(Object.keys(values), new Set(definitions.map(nameOf))) : '';
    yield badInput(name, expectedValue(type), {}, hint);
    return;
  }
  const faults: ApiError[] = [];
  coerceInputValue(
    values[name],
    type,
    (path, _value, error) => {
      if (faults.length >= MOST_ERRORS) return;
      const expected = typeAt(type, path);
      const hint = hints ? fieldHint(error) || enumHint(expected) : '';
      faults.push(badInput([name, ...path].join('.'), expectedOf(expected, error), {}, hint));
    },
    !hints,
  );
  yield* faults;
}

/**
 * Tells of a variable that does not fit its type by its name and place: GraphQL's own messages repeat its value.
 *
 * @param hints  whether a fault tells which name is wrong, and which may have been meant
 */
export const useVariableGuard = (hints: boolean): Plugin => ({
  onExecute({ args, setResultAndStopExecution }) {
    const { schema, document, operationName } = args;
    const values: Variables = args.variableValues ?? {};
    const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
    const given = { schema, definitions, values, hints };
    const errors = definitions.flatMap((definition) => [...faultsOf(definition, given)]);
    if (errors.length > 0) setResultAndStopExecution({ errors: errors.slice(0, MOST_ERRORS) });
  },
});
