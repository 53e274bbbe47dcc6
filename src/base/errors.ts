import {
  type FieldNode,
  GraphQLError,
  type GraphQLErrorOptions,
  type GraphQLResolveInfo,
  getLocation,
  responsePathAsArray,
  type SourceLocation,
} from 'graphql';

/** Every code the API can answer with, and the HTTP status where such an error is the whole answer. */
export const ERROR_CODES = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 200,
  BAD_INPUT: 400,
  CONFLICT: 200,
  UNAVAILABLE: 503,
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  TOO_COMPLEX: 400,
  BAD_REQUEST: 400,
  DOCUMENT_NOT_TRUSTED: 403,
  PERSISTED_QUERY_NOT_SUPPORTED: 200,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  TIMEOUT: 504,
  INTERNAL: 500,
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** The meaning of each code, for the schema. */
export const ERROR_MEANINGS: Readonly<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: 'The token is not one that this gateway accepts.',
  FORBIDDEN: 'The policy does not let this caller see or do this. `reason` says why in words about the caller.',
  BAD_INPUT: 'An argument is not of the form asked for. `argument` names it, `expected` says the form.',
  CONFLICT:
    'The records conflict with the change: others changed them at the same time, or the new record already exists.',
  UNAVAILABLE: "The database or the ledger can't be reached. Nothing was revealed. Try again.",
  GRAPHQL_PARSE_FAILED: 'The document is not GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the schema.',
  TOO_COMPLEX:
    'The document, or a variable, exceeds a limit of one request. `limit` names the limit, `most` is its value.',
  BAD_REQUEST: 'The request is not GraphQL over HTTP.',
  DOCUMENT_NOT_TRUSTED: 'Only documents on the gateway’s list are run, and this is none of them.',
  PERSISTED_QUERY_NOT_SUPPORTED:
    'The hash of a document was sent without the document. This gateway keeps no documents by hash: send it.',
  METHOD_NOT_ALLOWED: 'The method does not fit: mutations take POST.',
  NOT_ACCEPTABLE: 'The client accepts no form in which the answer could be given.',
  BODY_TOO_LARGE: 'The body is longer than a request may be.',
  UNSUPPORTED_MEDIA_TYPE: 'The body is not JSON by its content type.',
  RATE_LIMITED: 'The caller asks more often than one caller may. `retry-after` says when to try again.',
  TIMEOUT: 'The answer took too long. A mutation may have made its changes.',
  INTERNAL: "A fault of ours; the log holds more under the request's id.",
};

type ErrorPlace = Pick<GraphQLErrorOptions, 'nodes' | 'source' | 'positions' | 'path'>;

/** An error that the API may answer with. Its message and extensions hold nothing of anyone. */
export class ApiError extends GraphQLError {
  readonly code: ErrorCode;
  /** @param place  where in the document, or in the answer, where that is known */
  constructor(code: ErrorCode, message: string, extensions: Record<string, unknown> = {}, place: ErrorPlace = {}) {
    super(message, { extensions: { code, ...extensions }, ...place });
    this.code = code;
  }
}

const known = new WeakMap<readonly FieldNode[], readonly SourceLocation[]>();

/** Where a field stands in its document: worked out once, for all the people of a page. */
function locationsOf(nodes: readonly FieldNode[]): readonly SourceLocation[] {
  const locations = known.get(nodes) ?? nodes.flatMap(({ loc }) => (loc ? [getLocation(loc.source, loc.start)] : []));
  known.set(nodes, locations);
  return locations;
}

/**
 * One field is denied: an answer, not a fault, and one of a thousand on a page. It holds only the parts of an error
 * that the response shows; a `GraphQLError` takes ten times as long to make.
 */
export class Denial extends Error {
  readonly path: readonly (string | number)[];
  readonly locations: readonly SourceLocation[];
  readonly extensions: Record<string, unknown>;

  constructor(category: string, reason: string, { path, fieldNodes }: GraphQLResolveInfo) {
    const { stackTraceLimit } = Error;
    // nobody will read its stack
    Error.stackTraceLimit = 0;
    super(`Not permitted to see ${category}.`);
    Error.stackTraceLimit = stackTraceLimit;
    this.path = responsePathAsArray(path);
    this.locations = locationsOf(fieldNodes);
    this.extensions = { code: 'FORBIDDEN' satisfies ErrorCode, category, reason };
  }

  toJSON() {
    const { message, locations, path, extensions } = this;
    return { message, locations, path, extensions };
  }
}

/** One category is denied. */
export const forbiddenCategory = (category: string, reason: string) =>
  new ApiError('FORBIDDEN', `Not permitted to see ${category}.`, { category, reason });

/** A whole operation is denied. */
export const forbiddenOperation = (message: string, reason: string) => new ApiError('FORBIDDEN', message, { reason });

/** @param hint  a further sentence for the developer, which begins with a space */
export const badInput = (argument: string, expected: string, place: ErrorPlace = {}, hint = '') =>
  new ApiError('BAD_INPUT', `${argument}: expected ${expected}.${hint}`, { argument, expected }, place);

export const badRequest = (message: string) => new ApiError('BAD_REQUEST', message);

/** @param limit  the name of the limit in the table of limits */
export const tooComplex = (limit: string, most: number) =>
  new ApiError('TOO_COMPLEX', `Too much for one request: ${limit} may be ${most} at the most.`, { limit, most });

/** An error with headers of its own, for the case that it is the whole answer. */
export const withHeaders = (code: ErrorCode, message: string, headers: Readonly<Record<string, string>>) =>
  new ApiError(code, message, { http: { headers } });

/** The own headers of an error, for the case that it is the whole answer. */
export const headersOf = ({ extensions }: ApiError): Readonly<Record<string, string>> =>
  (extensions.http as { headers: Record<string, string> } | undefined)?.headers ?? {};

/** @param reason  a sentence that names the limit */
export const rateLimited = (reason: string) => new ApiError('RATE_LIMITED', `${reason} Try again later.`);

/** The change of a record that others changed first, again and again. */
export const raceLost = () => new ApiError('CONFLICT', 'Others changed the same record at the same time. Try again.');

/** @param lacking  names the missing service for the log; no answer shows it */
export const unavailable = (lacking = 'the records') => new UnavailableError(lacking);

/** A service that the gateway needs is out of reach. */
export class UnavailableError extends ApiError {
  readonly lacking: string;
  constructor(lacking: string) {
    super('UNAVAILABLE', 'The gateway can not reach its records at the moment. Nothing was revealed; try again.');
    this.lacking = lacking;
  }
}

export const internal = () => new ApiError('INTERNAL', 'Something went wrong inside the gateway.');
