import { isIPv6 } from 'node:net';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { withHeaders } from '../../errors.ts';
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

const createLimit = (points: number) => (points === 0 ? null : new RateLimiterMemory({ points, duration: 1 }));

/**
 * Counts requests for each caller, so that one can't take what is there for all. The count is this process's own, is
 * forgotten within a second, and goes nowhere: it may be under an address.
 *
 * @returns a function that throws {ApiError} RATE_LIMITED
 */
export function createRateLimit({ caller, partner }: Rates) {
  const [callers, partners] = [createLimit(caller), createLimit(partner)];
  return async (counted: Counted): Promise<void> => {
    const limit = 'kind' in counted && counted.kind === 'partner' ? partners : callers;
    await limit?.consume(keyOf(counted)).catch((found: RateLimiterRes) => {
      throw tooMany(found);
    });
  };
}
