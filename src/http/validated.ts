import { createHash } from 'node:crypto';

type Body = string | Buffer<ArrayBuffer>;

/** The tag of a body: another body has another one. */
export const tagOf = (body: Body): string => `"${createHash('sha256').update(body).digest('base64url')}"`;

export interface Validated {
  readonly body: Body;
  /** Found from the body where it is left out. */
  readonly etag?: string;
}

/**
 * Answers with a body that a cache may keep and has to ask about: a cache that holds the same is told so.
 *
 * @see RFC 9110, 13.1.2 (If-None-Match)
 */
export function answerValidated(
  request: Request,
  { body, etag = tagOf(body) }: Validated,
  headers: Readonly<Record<string, string>>,
): Response {
  const all = { 'cache-control': 'no-cache', ...headers, etag };
  return request.headers.get('if-none-match')?.includes(etag)
    ? new Response(null, { status: 304, headers: all })
    : new Response(body, { headers: all });
}
