import { STATUS_CODES } from 'node:http';

/** An answer that no cache may keep. */
export const json = (body: unknown, init: ResponseInit = {}): Response =>
  new Response(JSON.stringify(body), {
    ...init,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...init.headers },
  });

/** @see RFC 9457 (problem details) */
export const problem = (status: number, detail?: string, headers: Readonly<Record<string, string>> = {}): Response =>
  json(
    { type: 'about:blank', title: STATUS_CODES[status], status, detail },
    { status, headers: { 'content-type': 'application/problem+json', ...headers } },
  );
