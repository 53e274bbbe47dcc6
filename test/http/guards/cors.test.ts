import { describe, expect, test } from 'vitest';
import { createCors } from '../../../src/http/guards/cors.ts';

const APP = 'https://app.example';
const OTHERS = [
  'https://evil.example',
  'null',
  'https://app.example.evil.example',
  'http://app.example',
  'https://app.example:8443',
];

const from = (origin: string | undefined, method = 'POST', headers: Record<string, string> = {}) =>
  new Request('http://gateway.test/graphql', { method, headers: { ...(origin && { origin }), ...headers } });
const PREFLIGHT = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };

const corsHeaders = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

describe('without a list', () => {
  const cors = createCors([]);
  test.each([APP, ...OTHERS])('%s may neither ask nor read', (origin) => {
    const preflight = cors.preflight(from(origin, 'OPTIONS', PREFLIGHT)) as Response;
    expect(corsHeaders(cors.allow(from(origin, 'OPTIONS'), preflight))).toEqual({});
    expect(corsHeaders(cors.allow(from(origin), new Response()))).toEqual({});
  });
});

describe('with a list', () => {
  const cors = createCors([APP, 'https://admin.example']);

  test('an origin on it may send the headers of an operation, and no cookies', () => {
    const request = from(APP, 'OPTIONS', PREFLIGHT);
    const response = cors.allow(request, cors.preflight(request) as Response);
    expect(response.status).toBe(204);
    expect(corsHeaders(response)).toEqual({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type, dpop, assent-denials',
      'access-control-max-age': '600',
      'access-control-expose-headers':
        'assent-deemed-acceptance, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-request-id',
    });
  });

  test('an origin on it may read the answer, which is not another’s', () => {
    const response = cors.allow(from(APP), new Response());
    expect(response.headers.get('access-control-allow-origin')).toBe(APP);
    expect(response.headers.get('vary')).toBe('origin');
  });

  test.each([...OTHERS, undefined])('%s may neither ask nor read', (origin) => {
    const preflight = cors.preflight(from(origin, 'OPTIONS', PREFLIGHT)) as Response;
    expect(corsHeaders(cors.allow(from(origin, 'OPTIONS'), preflight))).toEqual({});
    expect(corsHeaders(cors.allow(from(origin), new Response()))).toEqual({});
  });

  test('another OPTIONS is no preflight', () => {
    expect(cors.preflight(from(APP, 'OPTIONS'))).toBeNull();
    expect(cors.preflight(from(APP, 'POST', PREFLIGHT))).toBeNull();
  });
});
