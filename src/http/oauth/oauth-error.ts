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

/** The parts of a refusal in HTTP: by default, the status of its code and no header. */
interface OverHttp {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request of a client that is refused. The description holds nothing of the request. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: keyof typeof STATUS;
  readonly http: Required<OverHttp>;
  constructor(code: keyof typeof STATUS, description: string, http: OverHttp = {}) {
    super(description);
    this.code = code;
    this.http = { status: STATUS[code], headers: {}, ...http };
  }
}

/** @see RFC 6749, 5.2: a client that tried the `Authorization` header is told a scheme */
export function oauthRefusal({ code, message, http }: OAuthError, { headers }: Request): Response {
  const challenges = code === 'invalid_client' && headers.has('authorization');
  return json(
    { error: code, error_description: message },
    { ...http, headers: { ...http.headers, ...(challenges && { 'www-authenticate': 'Basic realm="client"' }) } },
  );
}
