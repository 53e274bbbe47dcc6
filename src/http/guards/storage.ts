import { createHmac } from 'node:crypto';
import { RateLimiterRes } from 'rate-limiter-flexible';
import { unavailable } from '../../base/errors.ts';
import { STORAGE, STORAGE_SECONDS, type Stored } from './limits.ts';
import { createCount } from './rate.ts';

const KINDS = Object.keys(STORAGE) as Stored[];

/**
 * Counts the things, and not the requests, that operations without an account have stored. The count of a network stands
 * for an hour in the memory of this process or its primary, under a mark in the place of the address.
 *
 * @param secret  32 bytes that all workers share
 * @param together whether this process is a worker: its counts go with those of the others
 * @returns a function that takes the caller's counting name, and gives a function for one request of that caller: the
 *   latter uses up one thing of a kind, and throws {ApiError} UNAVAILABLE where the primary does not answer
 */
export function createStorageLimit(secret: Buffer, together = false) {
  const networks = new Map(
    KINDS.map((kind) => {
      const prefix = `stored ${kind}`;
      return [kind, createCount(prefix, STORAGE[kind].ofNetwork, STORAGE_SECONDS, together)];
    }),
  );
  return (line: string) => {
    const taken = new Map<Stored, number>();
    return async (kind: Stored): Promise<boolean> => {
      const count = (taken.get(kind) ?? 0) + 1;
      taken.set(kind, count);
      if (count > STORAGE[kind].ofRequest) return false;
      const mark = createHmac('sha256', secret).update(line).digest('hex');
      try {
        await networks.get(kind)?.consume(mark);
        return true;
      } catch (found) {
        if (found instanceof RateLimiterRes) return false;
        throw unavailable('the primary, which counts stored things');
      }
    };
  };
}
