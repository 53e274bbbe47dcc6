import { isIPv6 } from 'node:net';
import { RateLimiterCluster, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { unavailable, withHeaders } from '../../base/errors.ts';
import type { Rates } from './limits.ts';

/** The counted party: the person or partner that the token names, or the address of a visitor. */
export type Counted = { readonly kind: string; readonly sub: string } | { readonly address: string };

/** IPv4 as a socket of both families tells it. */
const MAPPED = /^::ffff:(?=\d+\.)/i;

/** The network of one visitor: an address of IPv4, but a whole /64 of IPv6. */
export function networkOf(given: string): string {
  const address = given.replace(MAPPED, '');
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/**
 * The address that a request comes from: the other end of the connection, or the address that the proxies before this
 * gateway give. Each proxy adds the address that it sees to the end of the list; anybody may have written the entries
 * before theirs.
 *
 * @param hops  how many proxies stand before this gateway
 */
export function addressOf({ headers }: Request, remote: string | undefined, hops: number): string {
  const forwarded = headers.get('x-forwarded-for')?.split(',') ?? [];
  return (hops > 0 ? forwarded.at(-hops)?.trim() : remote) ?? '';
}

const keyOf = (counted: Counted) =>
  'address' in counted ? `visitor ${networkOf(counted.address)}` : `${counted.kind} ${counted.sub}`;

const secondsUntil = (milliseconds: number) => Math.max(1, Math.ceil(milliseconds / 1000));

export const tooMany = ({ msBeforeNext }: RateLimiterRes, standing: Readonly<Record<string, string>> = {}) =>
  withHeaders('RATE_LIMITED', 'More requests than one caller may send in a second. Try again later.', {
    ...standing,
    'retry-after': String(secondsUntil(msBeforeNext)),
  });

/** A caller that may send its request. */
export interface Admitted {
  /** The name under which the caller is counted: it may be an address, and nobody is told it. */
  readonly line: string;
  /** The limit and the rest of it as header fields; none where there is no limit. */
  readonly standing: Readonly<Record<string, string>>;
}

/** Tells on an answer how much of the limit of its caller is left. */
export function tellStanding({ headers }: Response, standing: Admitted['standing']): void {
  for (const [name, value] of Object.entries(standing)) headers.set(name, value);
}

/** @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ */
const standingOf = (name: keyof Rates, quota: number, { remainingPoints, msBeforeNext }: RateLimiterRes) => ({
  'ratelimit-policy': `"${name}";q=${quota};w=1`,
  ratelimit: `"${name}";r=${remainingPoints};t=${secondsUntil(msBeforeNext)}`,
});

const ANSWER_MS = 2_000;

/** @param duration  in seconds */
export const createCount = (keyPrefix: string, points: number, duration: number, together: boolean) => {
  const options = { keyPrefix, points, duration };
  return together ? new RateLimiterCluster({ ...options, timeoutMs: ANSWER_MS }) : new RateLimiterMemory(options);
};

/**
 * Counts requests for each caller, so that one can't use up the capacity for all. The count is this process's own, or
 * that of its primary for all workers; it is forgotten within a second, and goes nowhere: it may be under an address.
 *
 * @param together whether this process is a worker: its requests count with those of the others
 * @returns a function that throws {ApiError} RATE_LIMITED, or UNAVAILABLE where the primary does not answer
 */
export function createRateLimit(rates: Rates, together = false) {
  const limitOf = (name: keyof Rates) => {
    const quota = rates[name];
    if (quota === 0) return async () => ({});
    const count = createCount(name, quota, 1, together);
    return async (line: string) => {
      try {
        return standingOf(name, quota, await count.consume(line));
      } catch (found) {
        if (found instanceof RateLimiterRes) throw tooMany(found, standingOf(name, quota, found));
        throw unavailable('the primary, which counts requests');
      }
    };
  };
  const limits = { caller: limitOf('caller'), partner: limitOf('partner') };
  return async (counted: Counted): Promise<Admitted> => {
    const line = keyOf(counted);
    const isPartner = 'kind' in counted && counted.kind === 'partner';
    return { line, standing: await limits[isPartner ? 'partner' : 'caller'](line) };
  };
}
