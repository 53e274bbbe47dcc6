import { createHmac } from 'node:crypto';
import { RateLimiterRes } from 'rate-limiter-flexible';
import { unavailable } from '../../errors.ts';
import { STORAGE } from './limits.ts';
import { createCount } from './rate.ts';

/**
 * Counts the things, and not the requests, that callers without an account have stored. The count of a network stands
 * for an hour in the memory of this process or its primary, under a mark in the place of the address.
 *
 * @param secret  32 bytes that all workers share
 * @param together  whether this process is a worker, whose counts go with those of the others
 * @returns a function that takes the name under which a caller is counted, and gives the function for one request of
 *   it: that one takes one thing of the rest, and throws {ApiError} UNAVAILABLE where the primary does not answer
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
