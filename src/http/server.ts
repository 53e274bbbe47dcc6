import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServerAdapter } from '@whatwg-node/server';
import { MINUTE } from '../base/durations.ts';
import { parseUrl } from '../base/url.ts';
import { json } from './json.ts';

/** How long each phase of a connection may take, in milliseconds. */
export interface Patience {
  /** From the connection, or the first byte of a request, to the end of its headers. */
  readonly headers: number;
  /** From the first byte of a request to the end of its body. */
  readonly request: number;
  /** Without a request on a connection that has had one. */
  readonly idle: number;
  /** From the end of a request's headers to the last byte of its answer; this also ends clients that do not read. */
  readonly answer: number;
  /** How often the first two are looked at. */
  readonly checks: number;
}

export const PATIENCE: Patience = {
  headers: 10_000,
  request: 20_000,
  // longer than the minute after which proxies let go, so that none of them sends into a connection being closed
  idle: 65_000,
  answer: MINUTE,
  checks: 2_000,
};

export interface Drain {
  /** How long requests are still taken while readiness is off already, in milliseconds. */
  readonly delay: number;
  /** How long those under way may take from then on, in milliseconds. */
  readonly limit: number;
}

export interface HttpServer {
  /** @returns the port that it listens on */
  readonly listen: (port: number, host: string) => Promise<number>;
  /**
   * Takes readiness off, then no more requests, and ends once those under way are answered.
   *
   * @returns how many were cut off at the limit
   */
  readonly drain: (options: Drain) => Promise<number>;
}

export const READINESS = '/health/ready';
/** Time to read requests that the system has accepted by then. */
const LAST_ARRIVALS_MS = 100;

const HOST = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Whether its address can be told from its headers, and from nothing else in them. */
const isAddressed = ({ headers: { host }, url = '' }: IncomingMessage) =>
  host !== undefined && HOST.test(host) && url.startsWith('/') && parseUrl(`http://${host}${url}`) !== null;

const refuse = (response: ServerResponse) =>
  response
    .writeHead(400, { 'content-type': 'application/problem+json', 'cache-control': 'no-store', connection: 'close' })
    .end(JSON.stringify({ type: 'about:blank', title: 'Bad Request', status: 400 }));

/** Further facts about a request. */
export interface Arrival {
  readonly req: IncomingMessage;
}

/** A server that limits the time of every phase of a connection, and ends without losing a request. */
export function createHttpServer(
  fetch: (request: Request, arrival: Arrival) => Promise<Response>,
  patience = PATIENCE,
): HttpServer {
  const open = new Set<ServerResponse>();
  let draining = false;

  const answer = async (request: Request, arrival: Arrival) =>
    draining && ['GET', 'HEAD'].includes(request.method) && new URL(request.url).pathname === READINESS
      ? json({ status: 'draining' }, { status: 503 })
      : fetch(request, arrival);

  const adapter = createServerAdapter<Arrival>(answer);
  const server = createServer(
    {
      headersTimeout: patience.headers,
      requestTimeout: patience.request,
      keepAliveTimeout: patience.idle,
      connectionsCheckingInterval: patience.checks,
      // else the first of two counts in silence, where a proxy may have looked at the other (RFC 9110, 5.3)
      joinDuplicateHeaders: true,
    },
    (request, response) => {
      const overdue = setTimeout(() => request.socket.destroy(), patience.answer);
      response.once('close', () => {
        clearTimeout(overdue);
        open.delete(response);
      });
      open.add(response);
      if (draining) response.setHeader('connection', 'close');
      if (isAddressed(request)) void adapter(request, response);
      else refuse(response);
    },
  );
  // all of the 16 KB: headers beyond a count would be dropped in silence, a token too
  server.maxHeadersCount = 0;

  const answered = async () => {
    while (open.size > 0) await Promise.all([...open].map((response) => once(response, 'close')));
  };

  return {
    listen: async (port, host) => {
      server.listen(port, host);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
    drain: async ({ delay, limit }) => {
      draining = true;
      for (const response of open) if (!response.headersSent) response.setHeader('connection', 'close');
      await sleep(Math.max(delay, LAST_ARRIVALS_MS));
      server.close();
      server.closeIdleConnections();
      const overdue = new AbortController();
      await Promise.race([answered(), sleep(limit, undefined, { signal: overdue.signal }).catch(() => {})]);
      overdue.abort();
      const cutOff = open.size;
      server.closeAllConnections();
      return cutOff;
    },
  };
}
