import { json } from '../json.ts';

/**
 * The words of errors, and their HTTP status.
 *
 * @see RFC 6749, 5.2; RFC 9449, 5 (`invalid_dpop_proof`); RFC 9396, 5 (`invalid_authorization_details`)
 */
const STATUS = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_scope: 400,
  invalid_authorization_details: 400,
  invalid_dpop_proof: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
} as const;

/** A request of a client that is refused. The description holds nothing of the request. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: keyof typeof STATUS;
  constructor(code: keyof typeof STATUS, description: string) {
    super(description);
    this.code = code;
  }
}

/** @see RFC 6749, 5.2: a client that tried the `Authorization` header is told a scheme */
export function oauthRefusal({ code, message }: OAuthError, { headers }: Request): Response {
  const challenges = code === 'invalid_client' && headers.has('authorization');
  return json(
    { error: code, error_description: message },
    { status: STATUS[code], headers: challenges ? { 'www-authenticate': 'Basic realm="client"' } : {} },
  );
}
