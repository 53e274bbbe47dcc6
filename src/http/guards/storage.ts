import { createHmac } from 'node:crypto';
import { RateLimiterRes } from 'rate-limiter-flexible';
import { unavailable } from '../../errors.ts';
import { STORAGE } from './limits.ts';
import { createCount } from './rate.ts';

/**
 * Counts what callers have stored without an account: things, not requests. A network is counted for an hour, in the
 * memory of this process or its primary, and under a mark in the place of its address.
 *
 * @param secret  32 bytes that all workers share
 * @param together  whether this process is a worker, whose counts go with those of the others
 * @returns for each request, by the name under which its caller is counted, a function that takes one of what is left
 *   and throws {ApiError} UNAVAILABLE where the primary does not answer
 */
export function createStorageLimit(secret: Buffer, together = false) {
  const networks = createCount('stored', STORAGE.ofNetwork, STORAGE.withinSeconds, together);
  return (line: string) => {
    const mark = createHmac('sha256', secret).update(line).digest('hex');
    let left = STORAGE.ofRequest;
    return async (): Promise<boolean> => {
      left -= 1;
      if (left < 0) return false;
      try {
        await networks.consume(mark);
        return true;
      } catch (found) {
        if (found instanceof RateLimiterRes) return false;
        throw unavailable();
      }
    };
  };
}
