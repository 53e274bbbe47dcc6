import { LedgerUnavailableError } from './ledger-unavailable.ts';

/**
 * What the promise brings, if it does so in time. It is not stopped when it does not; nobody waits for it any more.
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
