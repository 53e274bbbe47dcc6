import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ApiError, badInput, ERROR_CODES, type ErrorCode, internal } from '../errors.ts';
import type { Log } from '../store/log.ts';

/** The error of ours that GraphQL has wrapped, at any depth. */
function ownError(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  return error instanceof GraphQLError ? ownError(error.originalError) : null;
}

/** GraphQL repeats a variable's value when it does not fit; we name the variable and the place in it alone. */
function variableError({ message }: GraphQLError): ApiError | null {
  const [, variable, place] = /^Variable "\$([^"]+)"(?:.* at "([^"]+)")?/s.exec(message) ?? [];
  return variable === undefined ? null : badInput(place ?? variable, 'a value of the type that the variable declares');
}

/** Whether GraphQL itself found the fault; what it says of a variable wraps what it says of the value. */
const isOfRequest = ({ originalError }: GraphQLError) => !originalError || originalError instanceof GraphQLError;

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);

/** What is told of an error: an entry of the table, at the place where it happened. */
function told(error: GraphQLError, report: (error: unknown) => void): GraphQLError {
  if (error instanceof ApiError && error.path) return error;
  const own = ownError(error) ?? (isOfRequest(error) ? variableError(error) : null);
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
          ?.split('\n')
          .filter((line) => line.startsWith('    at '))
          .slice(0, 8),
      }
    : { name: typeof error };
