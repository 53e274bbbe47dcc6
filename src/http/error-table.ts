import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ApiError, badInput, Denial, ERROR_CODES, type ErrorCode, internal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { json } from './json.ts';

/** The error of ours that GraphQL has wrapped, at any depth. */
export function ownError(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  return error instanceof GraphQLError ? ownError(error.originalError) : null;
}

/** A nullable variable that has no value may stand for an argument that needs one: only execution finds that. */
function argumentError({ message, originalError }: GraphQLError): ApiError | null {
  const [, argument] = (originalError instanceof GraphQLError && /^Argument "(\w+)"/.exec(message)) || [];
  return argument === undefined ? null : badInput(argument, 'a value, not null');
}

type Told = GraphQLError | Denial;

/** The answer for an error: an entry of the table, at the place where it happened. */
function told(fault: unknown, report: (error: unknown) => void): Told {
  if (fault instanceof Denial || (fault instanceof ApiError && fault.path)) return fault;
  const error = asGraphQLError(fault);
  const known = ownError(error) ?? argumentError(error);
  if (!known) report(error.originalError ?? error);
  const { message, extensions } = known ?? internal();
  return new GraphQLError(message, {
    ...(error.nodes && { nodes: error.nodes }),
    ...(error.source && { source: error.source }),
    ...(error.positions && { positions: error.positions }),
    ...(error.path && { path: error.path }),
    extensions: { ...extensions },
  });
}

const statusOf = ({ extensions }: Told) => ERROR_CODES[extensions.code as ErrorCode];

/** Whether the fault is in the operation, not in the request that brings it. */
const isOfOperation = (status: number, { extensions: { code } }: Told) => status === 400 && code !== 'BAD_REQUEST';

/**
 * Gives an answer that is nothing but errors the HTTP status of the gravest. A fault in the operation itself has its
 * status only for clients that ask for the media type in which GraphQL over HTTP defines one (`spec`).
 */
const giveStatus = (errors: readonly Told[]) => {
  const [first] = errors;
  if (!first) return;
  const status = Math.max(...errors.map(statusOf));
  first.extensions.http = {
    ...(first.extensions.http as object | undefined),
    status,
    spec: isOfOperation(status, first),
  };
};

/**
 * An error beside data is put into its final form here: yoga would build each of a thousand anew, with a stack, to
 * strip off extensions that none of them has.
 */
const asAnswered = (error: Told) => error.toJSON() as GraphQLError;

/** Every error that leaves the gateway is built here from one table; unknown errors go to the log alone. */
export const useErrorTable = (log: Log): Plugin<object, { requestId: string }> => ({
  onResultProcess({ result, setResult, serverContext }) {
    if (Array.isArray(result) || !('errors' in result) || !result.errors) return;
    const report = (error: unknown) =>
      log.error({ requestId: serverContext.requestId, fault: faultOf(error) }, 'an unexpected error was masked');
    const errors = result.errors.map((error) => told(error, report));
    if (!('data' in result)) giveStatus(errors);
    setResult({ ...result, errors: 'data' in result ? errors.map(asAnswered) : (errors as GraphQLError[]) });
  },
});

const RESPONSE_TYPE = 'application/graphql-response+json';

/** Refuses a request before GraphQL begins, in the form of GraphQL over HTTP. */
export function refusal({ code, message, extensions }: ApiError, { headers }: Request): Response {
  const { http, ...told } = extensions as { http?: { headers: Record<string, string> } };
  const type = headers.get('accept')?.includes(RESPONSE_TYPE) ? RESPONSE_TYPE : 'application/json';
  return json(
    { errors: [{ message, extensions: told }] },
    { status: ERROR_CODES[code], headers: { ...http?.headers, 'content-type': `${type}; charset=utf-8` } },
  );
}

const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error });

/** The kind of a fault and the place in our code, without its message, which may hold parts of the request. */
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
