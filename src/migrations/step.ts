import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/mongo/connection.ts';

/** The tools of a migration step. */
export interface MigrationTools {
  readonly store: Store;
  /** The key that wraps the key of every person. */
  readonly keyEncryptionKey: Buffer;
  /** The same for every gateway on the database. */
  readonly sharedSecret: Buffer;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One change of the stored form. A step can be interrupted at any moment and run again, skips documents that already
 * have the new form, and never changes a ledger or a book.
 */
export interface Step {
  /** Its name in the database; never used again for another step. */
  readonly id: string;
  /** The change, in one sentence for the operator. */
  readonly says: string;
  /** @returns how many documents it changed */
  readonly run: (tools: MigrationTools) => Promise<number>;
}
