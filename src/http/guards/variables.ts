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
import { ApiError, badInput } from '../../errors.ts';
import { expectedValue } from './expected.ts';

/** How many faults are told at once. */
const MOST_ERRORS = 10;

type Variables = Readonly<Record<string, unknown>>;

/** What the schema expects at a place within a value. */
function typeAt(type: GraphQLInputType, [step, ...further]: readonly (string | number)[]): GraphQLInputType {
  if (step === undefined) return type;
  const nullable = getNullableType(type);
  if (isListType(nullable)) return typeAt(nullable.ofType, typeof step === 'number' ? further : [step, ...further]);
  const field = isInputObjectType(nullable) ? nullable.getFields()[step] : undefined;
  return field ? typeAt(field.type, further) : type;
}

/** Scalars of ours say themselves what they expect. */
const expectedOf = (type: GraphQLInputType, error: GraphQLError): string =>
  error instanceof ApiError && typeof error.extensions.expected === 'string'
    ? error.extensions.expected
    : expectedValue(type);

function* faultsOf(schema: GraphQLSchema, definition: VariableDefinitionNode, values: Variables): Generator<ApiError> {
  const type = typeFromAST(schema, definition.type as never);
  if (!isInputType(type)) return;
  const name = definition.variable.name.value;
  if (!Object.hasOwn(values, name)) {
    if (isNonNullType(type) && !definition.defaultValue) yield badInput(name, expectedValue(type));
    return;
  }
  const faults: ApiError[] = [];
  coerceInputValue(
    values[name],
    type,
    (path, _value, error) => {
      if (faults.length < MOST_ERRORS)
        faults.push(badInput([name, ...path].join('.'), expectedOf(typeAt(type, path), error)));
    },
    true,
  );
  yield* faults;
}

/** Tells of a variable that does not fit its type by its name and place: GraphQL's own messages repeat its value. */
export const useVariableGuard = (): Plugin => ({
  onExecute({ args, setResultAndStopExecution }) {
    const { schema, document, operationName } = args;
    const values: Variables = args.variableValues ?? {};
    const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
    const errors = definitions.flatMap((definition) => [...faultsOf(schema, definition, values)]);
    if (errors.length > 0) setResultAndStopExecution({ errors: errors.slice(0, MOST_ERRORS) });
  },
});
