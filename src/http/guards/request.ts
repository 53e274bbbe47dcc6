import { MIMEType } from 'node:util';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { ApiError, badRequest, tooComplex, withHeaders } from '../../base/errors.ts';
import { isRecord } from '../../base/records.ts';
import { DEFAULT_LIMITS, MOST_BYTES, type RequestLimits } from './limits.ts';

// a mark of byte order is left out
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** The operation that a request asks to be run; `documentId` names a document that the gateway holds. */
export interface Operation extends GraphQLParams {
  readonly documentId?: string;
}

const tooLarge = () =>
  withHeaders('BODY_TOO_LARGE', `The body is longer than ${MOST_BYTES} bytes.`, { connection: 'close' });

/**
 * Reads a body up to the limit. A longer body is not read on: the rest stays with the sender, and the connection is
 * closed after the answer.
 */
export async function readBody({ body, headers }: Request): Promise<string> {
  if (Number(headers.get('content-length') ?? 0) > MOST_BYTES) throw tooLarge();
  if (!body) return '';
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const next = () =>
    reader.read().catch(() => {
      throw badRequest('body: expected all of it.');
    });
  for (let part = await next(); !part.done; part = await next()) {
    length += part.value.byteLength;
    // The reader is not cancelled: that would destroy the connection before the answer.
    if (length > MOST_BYTES) throw tooLarge();
    chunks.push(part.value);
  }
  try {
    return UTF_8.decode(Buffer.concat(chunks));
  } catch {
    throw badRequest('body: expected UTF-8.');
  }
}

const parameterOf = (name: string, json: string | null): unknown => {
  if (!json) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    throw badRequest(`${name}: expected JSON.`);
  }
};

function readQuery({ url }: Request): Record<string, unknown> {
  const { searchParams } = new URL(url);
  const text = (name: string) => searchParams.get(name) || undefined;
  return {
    query: text('query'),
    documentId: text('documentId'),
    operationName: text('operationName'),
    variables: parameterOf('variables', searchParams.get('variables')),
    extensions: parameterOf('extensions', searchParams.get('extensions')),
  };
}

const isAbsent = (value: unknown) => value === undefined || value === null;

type Limits = Pick<RequestLimits, 'items' | 'nesting'>;

/** @throws {ApiError} TOO_COMPLEX for a list or an object that is too long, or too deep in others */
function checkSize(value: unknown, limits: Limits, nesting: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (nesting > limits.nesting) throw tooComplex('nesting', limits.nesting);
  const parts = Object.values(value);
  if (parts.length > limits.items) throw tooComplex('items', limits.items);
  for (const part of parts) checkSize(part, limits, nesting + 1);
}

/** The parameters of a request, each of the form that GraphQL over HTTP gives it; others are left alone. */
function checkedOperation(sent: Readonly<Record<string, unknown>>, limits: Limits): Operation {
  for (const name of ['query', 'documentId', 'operationName'])
    if (!isAbsent(sent[name]) && typeof sent[name] !== 'string') throw badRequest(`${name}: expected a text.`);
  for (const name of ['variables', 'extensions']) {
    if (!isAbsent(sent[name]) && !isRecord(sent[name])) throw badRequest(`${name}: expected an object.`);
    checkSize(sent[name], limits, 0);
  }
  if (typeof sent.query === 'string') checkBrackets(sent.query);
  const { query, documentId, variables, extensions } = sent;
  // several clients send an empty name for none
  const operationName = sent.operationName || undefined;
  return { query, documentId, operationName, variables, extensions } as Operation;
}

/** How many brackets of a document may stand in each other: far more than the limits of documents let pass. */
const MOST_BRACKETS = 200;

/** Texts and comments of a document, where brackets mean nothing; and the brackets that do. */
const BRACKETS = /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n\r]*|[[{(\]})]/g;

/**
 * A parser goes down once for each bracket, so that it can't read any number of them.
 *
 * @throws {ApiError} TOO_COMPLEX
 */
function checkBrackets(query: string): void {
  if (query.length <= MOST_BRACKETS) return;
  let depth = 0;
  for (const [part] of query.matchAll(BRACKETS)) {
    if ('[{('.includes(part)) depth += 1;
    else if (']})'.includes(part)) depth -= 1;
    if (depth > MOST_BRACKETS) throw tooComplex('nesting', MOST_BRACKETS);
  }
}

/**
 * Whether a body is JSON in UTF-8. Other parameters mean nothing for JSON (RFC 8259, section 11).
 *
 * @see RFC 9110, section 8.3.1
 */
function isJson(contentType: string): boolean {
  if (contentType === 'application/json') return true;
  try {
    const { essence, params } = new MIMEType(contentType);
    return essence === 'application/json' && /^utf-?8$/i.test(params.get('charset') ?? 'utf-8');
  } catch {
    return false;
  }
}

/** The media types of answers, and the ranges that include one of them. */
const ANSWER_TYPES = ['application/json', 'application/graphql-response+json', 'application/*', '*/*'];

const isAnswerable = (accept: string) =>
  accept.split(',').some((range) => ANSWER_TYPES.includes(range.split(';', 1)[0]?.trim().toLowerCase() ?? ''));

/**
 * Reads the operation of a request, before anything else is done for it: JSON by POST, or a query by GET, and one
 * operation at a time.
 *
 * This also keeps other sites' pages out. A browser sends no JSON to another origin before that origin has allowed it
 * (CORS; nobody is allowed unless the configuration says so), and the media types of forms are refused. A GET may come
 * from any page. But a GET changes nothing that was asked for, the page can't read its answer, and it is a visitor's:
 * tokens travel in a header that no browser adds by itself, and there are no cookies.
 *
 * @throws {ApiError} for anything else; no part of the request is repeated
 * @see https://graphql.github.io/graphql-over-http/
 */
export async function readOperation(request: Request, limits: Limits = DEFAULT_LIMITS): Promise<Operation> {
  const { method, headers } = request;
  if (method !== 'GET' && method !== 'POST')
    throw withHeaders('METHOD_NOT_ALLOWED', 'Use POST, or GET for a query.', { allow: 'GET, HEAD, POST' });
  if (!isAnswerable(headers.get('accept') ?? '*/*'))
    throw new ApiError('NOT_ACCEPTABLE', 'Answers are application/graphql-response+json or application/json.');
  if (method === 'GET') return checkedOperation(readQuery(request), limits);
  if (!isJson(headers.get('content-type') ?? ''))
    throw new ApiError('UNSUPPORTED_MEDIA_TYPE', 'Send application/json in UTF-8.');
  if (!/^(?:identity)?$/i.test(headers.get('content-encoding')?.trim() ?? ''))
    throw withHeaders('UNSUPPORTED_MEDIA_TYPE', 'Send the body as it is, not compressed.', {
      'accept-encoding': 'identity',
    });
  const body = parameterOf('body', await readBody(request));
  if (!isRecord(body)) throw badRequest('body: expected a JSON object, for one operation.');
  return checkedOperation(body, limits);
}

/** Gives yoga the operation that was read already. */
export const useReadOperation = (): Plugin<object, { readonly operation: GraphQLParams }> => ({
  onRequestParse({ serverContext, setRequestParser }) {
    setRequestParser(() => serverContext.operation);
  },
});
