import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ApiError, badInput, ERROR_CODES, type ErrorCode, internal } from '../errors.ts';
import type { Log } from '../store/log.ts';
import { argumentPathOf } from './argument-path.ts';

/** The error of ours that GraphQL has wrapped, at any depth. */
function ownError(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  return error instanceof GraphQLError ? ownError(error.originalError) : null;
}

/** Whether GraphQL itself found the fault; what it says of a value wraps what our own scalars say. */
const isOfRequest = ({ originalError }: GraphQLError) => !originalError || originalError instanceof GraphQLError;

const UNFIT_VARIABLE = /^Variable "\$(\w+)" (?:got invalid value|of (?:non-null|required) type)/;
const UNFIT_VALUE =
  /^(?:Expected value of type "(?<expected>[^"]+)"|(?<scalar>\w+) cannot represent|Enum "(?<enum>\w+)" cannot|Value "\w+" does not exist in "(?<member>\w+)" enum)/;

/** The place in a variable, `input.categories.0`, from the path that GraphQL tells behind the value. */
const placeIn = (variable: string, message: string) =>
  new RegExp(` at "(${variable}(?:\\.\\w+|\\[\\d+\\])+)"; `).exec(message)?.[1]?.replaceAll(/\[(\d+)\]/g, '.$1') ??
  variable;

/** GraphQL repeats a value that does not fit; we name its place and what was expected there. */
function inputError(error: GraphQLError, own: ApiError | null): ApiError | null {
  const { message, nodes } = error;
  const expected = own?.extensions.expected as string | undefined;
  const [, variable] = UNFIT_VARIABLE.exec(message) ?? [];
  if (variable !== undefined)
    return badInput(placeIn(variable, message), expected ?? 'a value of the type that the variable declares');
  const { groups } = UNFIT_VALUE.exec(message) ?? {};
  const argument = own || groups ? argumentPathOf(nodes?.[0]) : null;
  if (argument === null) return null;
  const type = Object.values(groups ?? {}).find((name) => name !== undefined);
  return badInput(argument, expected ?? `a value of type ${type}`);
}

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);

/** What is told of an error: an entry of the table, at the place where it happened. */
function told(error: GraphQLError, report: (error: unknown) => void): GraphQLError {
  if (error instanceof ApiError && error.path) return error;
  const thrown = ownError(error);
  const own = (isOfRequest(error) && !error.path ? inputError(error, thrown) : null) ?? thrown;
  const { code } = error.extensions;
  // Of what a request is refused for before it runs, the words and the code; what led to them may hold what was sent.
  const refused = !own && isCode(code) ? { message: error.message, extensions: { code } } : null;
  if (!own && !refused) report(error.originalError ?? error);
  const { message, extensions: known } = own ?? refused ?? internal();
  return new GraphQLError(message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.source && { source: error.source }),
    ...(error.positions && { positions: error.positions }),
    ...(error.path && { path: error.path }),
    extensions: known,
  });
}

const statusOf = ({ extensions: { code } }: GraphQLError) => (isCode(code) ? ERROR_CODES[code] : 500);

/**
 * Gives an answer that is nothing but errors the HTTP status of the gravest. What is wrong with the request itself has
 * its status only for clients that ask for the media type in which GraphQL over HTTP defines one (`spec`).
 */
const giveStatus = (errors: readonly GraphQLError[]) => {
  const status = Math.max(...errors.map(statusOf));
  if (errors[0]) errors[0].extensions.http = { status, spec: status === 400 };
};

/**
 * An error beside data is put into the form it is answered in right here: yoga would build each of a thousand anew,
 * with a stack, to strip off what none of them has.
 */
const asAnswered = (error: GraphQLError) => error.toJSON() as GraphQLError;

/** Every error that leaves the gateway is built here from one table; what is unknown goes to the log alone. */
export const useErrorTable = (log: Log): Plugin<object, { requestId: string }> => ({
  onResultProcess({ result, setResult, serverContext }) {
    if (Array.isArray(result) || !('errors' in result) || !result.errors) return;
    const report = (error: unknown) =>
      log.error({ requestId: serverContext.requestId, fault: faultOf(error) }, 'an unexpected error was masked');
    const errors = result.errors.map((error) => told(asGraphQLError(error), report));
    if (!('data' in result)) giveStatus(errors);
    setResult({ ...result, errors: 'data' in result ? errors.map(asAnswered) : errors });
  },
});

const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error });

/** The kind of a fault and the place in our code, without its message, which may hold what was sent. */
export const faultOf = (error: unknown) =>
  error instanceof Error
    ? {
        name: error.name,
        at: error.stack
          ?.replace(error.message, '')
          .split('\n')
          .filter((line) => line.startsWith('    at '))
          .slice(0, 8),
      }
    : { name: typeof error };
