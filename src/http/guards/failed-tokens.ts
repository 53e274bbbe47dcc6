import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ApiError } from '../../base/errors.ts';
import { networkOf, tooMany } from './rate.ts';

type Shown = Pick<Request, 'headers'>;
type Verify<Claims, From extends Shown> = (request: From) => Promise<Claims | null>;

/** Tokens that are remembered as good, by their hash. */
const REMEMBERED = 10_000;

const isFailure = (error: unknown) => error instanceof ApiError && error.code === 'UNAUTHENTICATED';

/**
 * Reads tokens as `verify` does, until an address has shown too many bad ones in a second: checking a signature costs
 * more than making one up. From then on only tokens that were good before are read from there, so that whoever shares
 * the address goes on undisturbed.
 *
 * @param most  bad tokens in a second; 0 is any number
 * @returns a function that throws {ApiError} RATE_LIMITED, or what `verify` throws
 */
export function createTokenGuard<Claims, From extends Shown = Shown>(verify: Verify<Claims, From>, most: number) {
  if (most === 0) return verify;
  const failures = new RateLimiterMemory({ points: most, duration: 1 });
  const good = new LRUCache<string, true>({ max: REMEMBERED });

  return async (request: From, address: string): Promise<Claims | null> => {
    const authorization = request.headers.get('authorization');
    if (authorization === null) return null;
    const network = networkOf(address);
    const token = hash('sha256', authorization, 'base64');
    const failed = await failures.get(network);
    if (failed && failed.remainingPoints <= 0 && !good.has(token)) throw tooMany(failed);
    try {
      const claims = await verify(request);
      good.set(token, true);
      return claims;
    } catch (error) {
      if (isFailure(error)) {
        // it has ended, or was revoked
        good.delete(token);
        await failures.penalty(network);
      }
      throw error;
    }
  };
}
