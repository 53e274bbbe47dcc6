import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/clock.ts';

/** How many tokens are remembered, by their hash; each takes about a kilobyte. */
const MOST = 5_000;

/** How long, in milliseconds, a token may still be taken for good after its key was taken away. */
const REMEMBERED = 30_000;

/**
 * Remembers the claims of good tokens: most callers send the same token again and again, and its signature takes longer
 * to check than all else in it. The claims of a token hold until it ends.
 *
 * @param verify  fails for a token that is not good now
 */
export function rememberVerified<Claims extends { readonly until: number }>(
  verify: (token: string) => Promise<Claims>,
  clock: Clock,
): (token: string) => Promise<Claims> {
  const known = new LRUCache<string, { readonly claims: Claims; readonly from: number }>({ max: MOST });
  return async (token) => {
    const now = clock.now().getTime();
    const name = hash('sha256', token, 'base64');
    const before = known.get(name);
    if (before && before.from <= now && now < Math.min(before.from + REMEMBERED, before.claims.until))
      return before.claims;
    const claims = await verify(token);
    known.set(name, { claims, from: now });
    return claims;
  };
}
