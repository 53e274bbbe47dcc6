import { MIMEType } from 'node:util';
import { ApiError, ERROR_CODES, headersOf } from '../../base/errors.ts';
import { readBody } from '../guards/request.ts';
import { OAuthError } from './oauth-error.ts';

/** The parameters of a client's request, each of which stands there once. */
export type ClientForm = ReadonlyMap<string, string>;

function isForm(contentType: string): boolean {
  try {
    return new MIMEType(contentType).essence === 'application/x-www-form-urlencoded';
  } catch {
    return false;
  }
}

/**
 * Reads the parameters of a request. One without a value is none.
 *
 * @throws {OAuthError} `invalid_request`
 * @see RFC 6749, 3.2; RFC 9126, 2.3 (a body that is too large keeps the status of HTTP)
 */
export async function readForm(request: Request): Promise<ClientForm> {
  if (!isForm(request.headers.get('content-type') ?? ''))
    throw new OAuthError('invalid_request', 'Expected a body of application/x-www-form-urlencoded.');
  const body = await readBody(request).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    const http = { status: ERROR_CODES[error.code], headers: headersOf(error) };
    throw new OAuthError('invalid_request', error.message, http);
  });
  const given = [...new URLSearchParams(body)];
  const form = new Map(given);
  if (form.size < given.length) throw new OAuthError('invalid_request', 'Expected each parameter once.');
  return new Map(given.filter(([, value]) => value !== ''));
}

/** @throws {OAuthError} `invalid_request` */
export function requireParameter(form: ClientForm, name: string): string {
  const value = form.get(name);
  if (value === undefined) throw new OAuthError('invalid_request', `Expected the parameter ${name}.`);
  return value;
}
