import type { Log } from '../base/log.ts';
import { parseUrl } from '../base/url.ts';
import type { Caller } from '../subject/caller.ts';

/** Probes ask every few seconds; a line for each would bury the others. */
const SILENT = new Set(['/health/live', '/health/ready']);
const NAMED = new Set([
  '/',
  '/graphql',
  '/metrics',
  '/policy',
  '/.well-known/jwks.json',
  '/.well-known/gpc.json',
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/graphql',
  '/.well-known/oauth-authorization-server',
  '/oauth/token',
  '/oauth/revoke',
  '/oauth/introspect',
  '/dev/personas',
  '/dev/token',
  ...SILENT,
]);

/** The route that an address belongs to. Nothing of its path is told: it may hold a token, or anything at all. */
export function routeOf(url: string): string {
  const pathname = parseUrl(url)?.pathname ?? '';
  if (NAMED.has(pathname)) return pathname;
  if (pathname.startsWith('/policy/')) return '/policy/<version>';
  const [, link, asset] = /^\/(?:(unsubscribe|verify)\/[^/]+|(graphql)\/.*)$/.exec(pathname) ?? [];
  if (link !== undefined) return `/${link}/<token>`;
  return asset === undefined ? 'none' : '/graphql/<asset>';
}

/** One line for a request, begun when it comes and told with its answer. */
export interface AccessNote {
  readonly requestId: string;
  caller: Caller['kind'] | null;
  readonly tell: (status: number) => void;
}

/** The log of each request: enough to find it and to see how it went, nothing about its sender or its content. */
export const createAccessLog =
  (log: Log) =>
  ({ method, url }: Request, requestId: string): AccessNote => {
    const begun = performance.now();
    const note: AccessNote = {
      requestId,
      caller: null,
      tell: (status) => {
        const route = routeOf(url);
        if (SILENT.has(route)) return;
        const ms = Math.round(performance.now() - begun);
        log.info({ requestId, method, route, status, ms, ...(note.caller && { caller: note.caller }) }, 'answered');
      },
    };
    return note;
  };
