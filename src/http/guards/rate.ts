import { isIPv6 } from 'node:net';
import { RateLimiterCluster, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { unavailable, withHeaders } from '../../base/errors.ts';
import type { Rates } from './limits.ts';

/** Who is counted: whom the token names, or where a visitor comes from. */
export type Counted = { readonly kind: string; readonly sub: string } | { readonly address: string };

/** IPv4 as a socket of both families tells it. */
const MAPPED = /^::ffff:(?=\d+\.)/i;

/** What one visitor has for themself: an address of IPv4, but a whole /64 of IPv6. */
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
 * Where a request comes from: the other end of the connection, or what the proxies before this gateway say of it.
 * Each adds the address that it sees to the end of the list; what stands before theirs anybody may have written.
 *
 * @param hops  how many proxies stand before this gateway
 */
export function addressOf({ headers }: Request, remote: string | undefined, hops: number): string {
  const forwarded = headers.get('x-forwarded-for')?.split(',') ?? [];
  return (hops > 0 ? forwarded.at(-hops)?.trim() : remote) ?? '';
}

const keyOf = (counted: Counted) =>
  'address' in counted ? `visitor ${networkOf(counted.address)}` : `${counted.kind} ${counted.sub}`;

export const tooMany = ({ msBeforeNext }: RateLimiterRes) =>
  withHeaders('RATE_LIMITED', 'More requests than one caller may send in a second. Try again later.', {
    'retry-after': String(Math.max(1, Math.ceil(msBeforeNext / 1000))),
  });

const ANSWER_MS = 2_000;

/** @param duration  in seconds */
export const createCount = (keyPrefix: string, points: number, duration: number, together: boolean) => {
  const options = { keyPrefix, points, duration };
  return together ? new RateLimiterCluster({ ...options, timeoutMs: ANSWER_MS }) : new RateLimiterMemory(options);
};

const createLimit = (keyPrefix: keyof Rates, points: number, together: boolean) =>
  points === 0 ? null : createCount(keyPrefix, points, 1, together);

/**
 * Counts requests for each caller, so that one can't take what is there for all. The count is this process's own, or
 * that of its primary for all workers; it is forgotten within a second, and goes nowhere: it may be under an address.
 *
 * @param together  whether this process is a worker, whose requests count with those of the others
 * @returns a function that throws {ApiError} RATE_LIMITED, or UNAVAILABLE where the primary does not answer, and gives
 *   the name under which the caller is counted: it may be an address, and nobody is told it
 */
export function createRateLimit({ caller, partner }: Rates, together = false) {
  const callers = createLimit('caller', caller, together);
  const partners = createLimit('partner', partner, together);
  return async (counted: Counted): Promise<string> => {
    const name = keyOf(counted);
    const limit = 'kind' in counted && counted.kind === 'partner' ? partners : callers;
    await limit?.consume(name).catch((found: unknown) => {
      throw found instanceof RateLimiterRes ? tooMany(found) : unavailable('the primary, which counts requests');
    });
    return name;
  };
}
