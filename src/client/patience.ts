/** How long the client waits, and how often it asks again. */
export interface Patience {
  /** How often a request is sent at the most. */
  readonly attempts: number;
  /** The first pause after an outage, in milliseconds; each is about twice the one before. */
  readonly pauseMs: number;
  /** A longer pause than this is none: the answer is handed over as it is. */
  readonly longestMs: number;
}

export const PATIENCE: Patience = { attempts: 4, pauseMs: 200, longestMs: 30_000 };

/** The advice in an answer of the gateway to a client that would ask again. */
export interface Refusal {
  /** `UNAVAILABLE`, `RATE_LIMITED`, or another code that no pause helps against. */
  readonly code: string;
  readonly headers: Pick<Headers, 'get'>;
}

/** @see RFC 9110, 10.2.3 (Retry-After) */
function retryAfterMs(headers: Pick<Headers, 'get'>, now: number): number | null {
  const told = headers.get('retry-after');
  if (told === null) return null;
  const ms = /^\d+$/.test(told) ? Number(told) * 1000 : Date.parse(told) - now;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/**
 * How long nothing more may be sent, by the rest of the caller's limit.
 *
 * @returns milliseconds; 0 where something is left
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function standstillMs(headers: Pick<Headers, 'get'>): number {
  const [, left, seconds] = /;\s*r=(\d+)\s*;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '') ?? [];
  return left === '0' ? Number(seconds) * 1000 : 0;
}

/**
 * The pause before a request is sent again; null where it is not.
 *
 * @param attempt  which was answered so, from 1
 */
export function pauseBefore(
  { attempts, pauseMs, longestMs }: Patience,
  { code, headers }: Refusal,
  attempt: number,
  now = Date.now(),
): number | null {
  if (attempt >= attempts) return null;
  const told = retryAfterMs(headers, now);
  // without a time, a used-up limit is a day's or an hour's
  if (code !== 'UNAVAILABLE' && !(code === 'RATE_LIMITED' && told !== null)) return null;
  // at random, so that clients that were refused together do not come together
  const pause = told ?? pauseMs * 2 ** (attempt - 1) * (0.5 + Math.random());
  return pause > longestMs ? null : pause;
}
