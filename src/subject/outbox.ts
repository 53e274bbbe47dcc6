import type { Log } from '../base/log.ts';
import { LedgerConflictError, type PersonLedger } from '../ledger/chain/person-chain.ts';
import { createGroupCommit } from '../ledger/group-commit.ts';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable.ts';
import { within } from '../ledger/within.ts';
import { isUnavailable } from '../store/mongo/connection.ts';
import type { PersonRecords } from '../store/mongo/repositories/people.ts';
import type { PersonDocument } from './model.ts';

/** Outboxes that may go to the ledger together, and how long that may take, in milliseconds. */
const TOGETHER = 100;
const MOVE_MS = 10_000;

/** The part of a person’s document by which its entries are moved. */
interface Outbox extends Pick<PersonDocument, '_id'> {
  readonly ledger: Pick<PersonDocument['ledger'], 'outbox'>;
}

/** The way of entries from the documents of people into the ledger. */
export function createOutboxes({
  people,
  ledger,
  log,
  onBreak = () => {},
}: {
  readonly people: Pick<PersonRecords<PersonDocument>, 'emptyOutboxes'>;
  readonly ledger: Pick<PersonLedger, 'settle'>;
  readonly log: Log;
  /** Told each time that the ledger turns out to hold another entry in the place of one that waits. */
  readonly onBreak?: () => void;
}) {
  /** Without any personal data, not even an id: the command names the chain. */
  const reportBreak = (error: unknown) => {
    if (!(error instanceof LedgerConflictError)) return;
    onBreak();
    log.error(
      { cause: error.name },
      'the ledger holds another entry in the place of one that waits for it: see `assent ledger verify`',
    );
  };

  /**
   * Brings the entries that wait in outboxes into the ledger, and then out of the outboxes: one write each for all of
   * them.
   *
   * @param outboxes  as a majority of the database's members holds them: read as proven, or written and acknowledged.
   *   A primary may still give up an entry that it alone holds, and the ledger would keep that entry
   */
  async function move(outboxes: readonly Outbox[]): Promise<void> {
    const entries = new Map(outboxes.flatMap(({ ledger: { outbox } }) => outbox.map((entry) => [entry._id, entry])));
    await ledger.settle([...entries.values()]);
    await people.emptyOutboxes(outboxes);
  }

  const settle = async (person: Outbox): Promise<void> => {
    if (person.ledger.outbox.length === 0) return;
    await move([person]).catch((error: unknown) => {
      reportBreak(error);
      throw error;
    });
  };

  /** Whether nothing waits any more. A narrowing act must not fail because other entries still wait, for any cause. */
  const isSettled = async (person: Outbox): Promise<boolean> => {
    try {
      await within(MOVE_MS, settle(person));
      return true;
    } catch (error) {
      log.warn({ code: (error as Error).name }, 'a full outbox can’t be emptied: only acts that narrow are taken');
      return false;
    }
  };

  const group = createGroupCommit<Outbox>(
    (outboxes) =>
      within(MOVE_MS, move(outboxes)).catch((cause: unknown) => {
        throw isUnavailable(cause) ? new LedgerUnavailableError('Nothing can be moved.', { cause }) : cause;
      }),
    { perWrite: TOGETHER, queued: Number.POSITIVE_INFINITY },
  );

  /** @param document  that a write of ours has made, which a majority has acknowledged */
  const settleInBackground = ({ _id, ledger: { outbox } }: PersonDocument) => {
    if (outbox.length === 0) return;
    group.record([{ _id, ledger: { outbox } }]).catch((error: Error) => {
      reportBreak(error);
      const code = error.cause instanceof Error ? error.cause.name : error.name;
      log.warn({ code }, 'ledger entries stay in the outbox for now');
    });
  };

  return {
    move,

    /**
     * Brings every entry that waits in a document into the ledger.
     *
     * @param person  as a majority of the database's members holds them
     * @throws {LedgerConflictError} another entry stands in the place of one of them
     */
    settle,

    isSettled,
    settleInBackground,

    /** Resolves once no entry is on its way. */
    idle: group.idle,
  };
}
