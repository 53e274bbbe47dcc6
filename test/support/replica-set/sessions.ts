import { CODES, Refusal } from './refusal.ts';
import type { Document } from './wire.ts';

/** A retryable write, by the session of its client and its number within the session. */
export interface RetryableWrite {
  readonly session: string;
  readonly number: bigint;
}

/** A statement of a retryable write that is done: its place in the command, and its answer. */
export interface Done extends RetryableWrite {
  readonly statement: number;
  readonly answer: Document;
}

const NONE: ReadonlyMap<number, Document> = new Map();

export const retryableOf = ({ lsid, txnNumber }: Document): RetryableWrite | null =>
  txnNumber === undefined
    ? null
    : { session: Buffer.from(lsid.id.buffer).toString('hex'), number: BigInt(txnNumber.toString()) };

/**
 * A member's memory of the retryable writes that it has done: of each session the last one, statement by statement.
 *
 * @see https://github.com/mongodb/specifications/blob/master/source/retryable-writes/retryable-writes.md
 */
export function createSessions() {
  const last = new Map<string, { readonly number: bigint; readonly answers: Map<number, Document> }>();
  return {
    remember({ session, number, statement, answer }: Done): void {
      const held = last.get(session);
      const answers = held?.number === number ? held.answers : new Map<number, Document>();
      last.set(session, { number, answers: answers.set(statement, answer) });
    },
    /**
     * @returns the answers of the statements that are done, by their places in the command
     * @throws {Refusal} the session has gone on to a newer write
     */
    recall({ session, number }: RetryableWrite): ReadonlyMap<number, Document> {
      const held = last.get(session);
      if (held && number < held.number)
        throw new Refusal(CODES.TRANSACTION_TOO_OLD, 'the session has already started a newer write');
      return held?.number === number ? held.answers : NONE;
    },
    clear: () => last.clear(),
  };
}
