import { DENIALS_HEADER } from '../denials.ts';

/** Request headers that a page may send, besides those that every page may. */
export const ALLOWED_HEADERS: readonly string[] = ['authorization', 'content-type', 'dpop', DENIALS_HEADER];
/** Response headers that a page may read, besides those that every page may. */
export const EXPOSED_HEADERS: readonly string[] = [
  'assent-deemed-acceptance',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'www-authenticate',
  'x-request-id',
];

const ALLOWED: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': ALLOWED_HEADERS.join(', '),
  'access-control-max-age': '600',
};

/**
 * Lets pages of the origins on the list, and of no other, send operations and read the answers. Credentials are never
 * allowed: tokens travel in a header that the page itself sets.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function createCors(origins: readonly string[]) {
  const allow = (request: Request, response: Response): Response => {
    if (origins.length === 0) return response;
    response.headers.append('vary', 'origin');
    const origin = request.headers.get('origin');
    if (origin === null || !origins.includes(origin)) return response;
    response.headers.set('access-control-allow-origin', origin);
    response.headers.set('access-control-expose-headers', EXPOSED_HEADERS.join(', '));
    return response;
  };

  return {
    /** Answers the question that a browser asks before it sends; null for any other request. */
    preflight: ({ method, headers }: Request): Response | null => {
      if (method !== 'OPTIONS' || !headers.has('access-control-request-method')) return null;
      const isAllowed = origins.includes(headers.get('origin') ?? '');
      return new Response(null, { status: 204, headers: isAllowed ? ALLOWED : {} });
    },
    /** Adds to an answer which page may read it. */
    allow,
  };
}
