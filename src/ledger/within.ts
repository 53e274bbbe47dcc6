import { LedgerUnavailableError } from './ledger-unavailable.ts';

/**
 * The result of the promise, if it comes in time. A late promise is not stopped; nobody waits for it any more.
 *
 * @throws {LedgerUnavailableError} `milliseconds` have passed
 */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LedgerUnavailableError('The database did not answer in time.')), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
