import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Foundation, openFoundation } from '../gateway/foundation.ts';
import { isUnavailable } from '../store/mongo/connection.ts';
import type { Config } from './config.ts';

const SLOW_MS = 2_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** Waits for a database that is not there yet, and says so. */
export async function awaitFoundation(config: Config, log: Logger): Promise<Foundation> {
  const patience = setTimeout(() => log.info('Waiting for the database.'), SLOW_MS);
  try {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS))
      try {
        return await openFoundation(config, null, log);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        log.warn(
          { reason: (error as Error).name },
          `The database cannot be reached yet; next try in ${pause / 1000} s.`,
        );
        await sleep(pause);
      }
  } finally {
    clearTimeout(patience);
  }
}
