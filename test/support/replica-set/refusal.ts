import { type Document, Double, Int32 } from './wire.ts';

/** A refusal of the server, with its code. */
export class Refusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** @see https://www.mongodb.com/docs/manual/reference/error-codes/ */
export const CODES = {
  EXCEEDED_TIME_LIMIT: 50,
  WRITE_CONCERN_TIMEOUT: 64,
  LINEARIZABLE_READ_CONCERN_ERROR: 187,
  PRIMARY_STEPPED_DOWN: 189,
  TRANSACTION_TOO_OLD: 225,
  OPERATION_NOT_SUPPORTED_IN_TRANSACTION: 263,
  NOT_WRITABLE_PRIMARY: 10107,
  INTERRUPTED_DUE_TO_STATE_CHANGE: 11602,
  NOT_PRIMARY_NO_SECONDARY_OK: 13435,
};

/** Codes by which a driver knows that it may try a write again. */
const RETRYABLE = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

export const interrupted = () => new Refusal(CODES.INTERRUPTED_DUE_TO_STATE_CHANGE, 'operation was interrupted');

export const refusalOf = ({ code, message }: Refusal): Document => ({
  ...{ ok: new Double(0), errmsg: message, code: new Int32(code) },
});

export const unconfirmed = (code: number, errmsg: string): Document => ({
  writeConcernError: { code: new Int32(code), errmsg },
});

/** Adds the driver's hints to the reply to a failure: whether to try again, and the version of the topology. */
export function labelled(reply: Document, { txnNumber }: Document, topologyVersion: Document): Document {
  const code = reply.code ?? reply.writeConcernError?.code;
  if (code === undefined) return reply;
  const isRetryable = txnNumber !== undefined && RETRYABLE.has(Number(code));
  return { ...reply, topologyVersion, ...(isRetryable && { errorLabels: ['RetryableWriteError'] }) };
}
