import type { ExecutionResult } from 'graphql';
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Deadline, timedOut } from '../base/deadline.ts';
import { ApiError, Denial, UnavailableError, unavailable } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { AuditEntry } from '../ledger/book/audit.ts';
import type { Book } from '../ledger/book/book.ts';
import type { DisclosureEntry } from '../ledger/disclosure/disclosure.ts';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable.ts';
import { isUnavailable } from '../store/mongo/connection.ts';
import type { Subjects } from '../subject/loader.ts';
import { type Occasion, recordsOf } from './release.ts';

export interface Books {
  readonly disclosures: Book<DisclosureEntry>;
  readonly audit: Book<AuditEntry>;
}

/** The part of a request that the gate reads. */
interface GatedRequest extends Occasion {
  readonly deadline: Deadline;
  readonly subjects: Pick<Subjects, 'handedOut'>;
}

/** Whether an error means that the records can't be reached: then no part of the answer is reliable. */
export const isOutage = (error: unknown): boolean =>
  // a denial is an answer, and one of hundreds on a page: this test comes first for speed
  !(error instanceof Denial) &&
  (isUnavailable(error) ||
    error instanceof LedgerUnavailableError ||
    (error instanceof ApiError && error.code === 'UNAVAILABLE') ||
    (error instanceof GraphQLError && isOutage(error.originalError)));

/** Names the unreachable service for the log, without any personal value. */
export const lackingOf = (error: unknown): string => {
  if (error instanceof UnavailableError) return error.lacking;
  if (error instanceof GraphQLError && error.originalError) return lackingOf(error.originalError);
  if (!(error instanceof Error)) return typeof error;
  return error.cause instanceof Error ? `${error.name}: ${lackingOf(error.cause)}` : error.name;
};

const OUTAGE = (): ExecutionResult => ({ errors: [unavailable()] });

/**
 * Holds a response back until the database has acknowledged the records of its disclosures. If that fails, or if the
 * records could not be read at all, the gateway sends an error without data instead.
 */
export const useReleaseGate = (books: Books, log: Log): Plugin<GatedRequest> => ({
  onExecute({ executeFn, setExecuteFn }) {
    setExecuteFn(async (args) => {
      const result = (await executeFn(args)) as ExecutionResult;
      const context = args.contextValue as GatedRequest;
      const outage = result.errors?.find(isOutage);
      if (outage) {
        log.warn({ requestId: context.requestId, lacking: lackingOf(outage) }, 'a response was withheld: an outage');
        return OUTAGE();
      }
      // Nobody waits for the response: it shows nothing, so there is nothing to record.
      if (context.deadline.hasPassed()) return { errors: [timedOut()] };
      const { disclosures, audit } = recordsOf(context.subjects.handedOut(), context);
      try {
        await Promise.all([
          disclosures.length > 0 && books.disclosures.record(disclosures),
          audit.length > 0 && books.audit.record(audit),
        ]);
      } catch (error) {
        if (!isOutage(error)) throw error;
        const about = { requestId: context.requestId, lacking: lackingOf(error) };
        log.warn(about, 'a response was withheld: its disclosures could not be put on record');
        return OUTAGE();
      }
      return result;
    });
  },
});
