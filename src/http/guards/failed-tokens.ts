import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { ApiError } from '../../base/errors.ts';
import { networkOf, tooMany } from './rate.ts';

/** Tokens that are remembered as good, by their hash. */
const REMEMBERED = 10_000;

/** The things that a guard looks at. */
export interface Watched<From> {
  /** The text that a request shows; null if it shows none, so that there is nothing to check. */
  readonly shown: (request: From) => string | null;
  /** Whether an error says that the token is not good. */
  readonly isFailure: (error: unknown) => boolean;
}

/** The tokens of requests. */
const TOKENS: Watched<Pick<Request, 'headers'>> = {
  shown: ({ headers }) => headers.get('authorization'),
  isFailure: (error) => error instanceof ApiError && error.code === 'UNAUTHENTICATED',
};

/**
 * Reads tokens as `verify` does, until an address has shown too many bad ones in a second: checking a signature costs
 * more than making one up. From then on only tokens that were good before are read from there, so that others at the
 * same address go on undisturbed.
 *
 * @param most  bad tokens in a second; 0 is any number
 * @param watched  the things to look at in the place of tokens of requests
 * @returns a function that throws {ApiError} RATE_LIMITED, or the errors of `verify`
 */
export function createTokenGuard<Claims, From extends Pick<Request, 'headers'> = Pick<Request, 'headers'>>(
  verify: (request: From) => Promise<Claims>,
  most: number,
  { shown, isFailure }: Watched<From> = TOKENS,
) {
  if (most === 0) return verify;
  const failures = new RateLimiterMemory({ points: most, duration: 1 });
  const good = new LRUCache<string, true>({ max: REMEMBERED });

  return async (request: From, address: string): Promise<Claims> => {
    const text = shown(request);
    if (text === null) return verify(request);
    const network = networkOf(address);
    const token = hash('sha256', text, 'base64');
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
