/** A record was not acknowledged by the database in time, or could not be taken on. Nothing may be revealed. */
export class LedgerUnavailableError extends Error {
  override readonly name = 'LedgerUnavailableError';
}
