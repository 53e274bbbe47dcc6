import { GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import type { DataCategory, DenialReason } from './policy/vocabulary.ts';

/** Every code the API can answer with, and the HTTP status where such an error is the whole answer. */
export const ERROR_CODES = {
  /** The token is not one that this gateway accepts. */
  UNAUTHENTICATED: 401,
  /** The policy does not let this caller see or do this. `reason` says why in words about the caller. */
  FORBIDDEN: 200,
  /** An argument is not of the form asked for. `argument` names it, `expected` says the form. */
  BAD_INPUT: 400,
  /** What is on record stands against it: others changed it again and again at the same time, or it is there already. */
  CONFLICT: 200,
  /** The database, or the record of what is revealed, can't be reached. Nothing was revealed. Try again. */
  UNAVAILABLE: 503,
  /** The document is not GraphQL. */
  GRAPHQL_PARSE_FAILED: 400,
  /** The document does not fit the schema. */
  GRAPHQL_VALIDATION_FAILED: 400,
  /** The request is not GraphQL over HTTP. */
  BAD_REQUEST: 400,
  /** A fault of ours; the log holds more under the request's id. */
  INTERNAL: 500,
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** An error that the API may answer with. Its message and extensions hold nothing of anyone. */
export class ApiError extends GraphQLError {
  readonly code: ErrorCode;
  /** @param info  the field that it is the answer of, where that is known */
  constructor(code: ErrorCode, message: string, extensions: Record<string, unknown> = {}, info?: GraphQLResolveInfo) {
    super(message, {
      extensions: { code, ...extensions },
      ...(info && { nodes: info.fieldNodes, path: responsePathAsArray(info.path) }),
    });
    this.code = code;
  }
}

/** Makes an error that is an answer, not a fault: one of a thousand on a page, whose stack nobody will read. */
function withoutStack<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** One field is denied. */
export const forbiddenCategory = (category: DataCategory, reason: DenialReason, info?: GraphQLResolveInfo) =>
  withoutStack(() => new ApiError('FORBIDDEN', `Not permitted to see ${category}.`, { category, reason }, info));

/** A whole operation is denied. */
export const forbiddenOperation = (message: string, reason: DenialReason) =>
  new ApiError('FORBIDDEN', message, { reason });

export const badInput = (argument: string, expected: string) =>
  new ApiError('BAD_INPUT', `${argument}: expected ${expected}.`, { argument, expected });

export const unavailable = () =>
  new ApiError('UNAVAILABLE', 'The gateway can not reach its records at the moment. Nothing was revealed; try again.');

export const internal = () => new ApiError('INTERNAL', 'Something went wrong inside the gateway.');
