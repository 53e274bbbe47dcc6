import mongoose from 'mongoose';

const { MongoBulkWriteError, MongoServerError } = mongoose.mongo;

const DUPLICATE_KEY = 11000;

export const isDuplicateKey = (error: unknown) => error instanceof MongoServerError && error.code === DUPLICATE_KEY;

/** Whether a document was put in; false where there is one with its key, which stays. */
export const isAdded = (insertion: Promise<unknown>): Promise<boolean> =>
  insertion.then(
    () => true,
    (error: unknown) => {
      if (isDuplicateKey(error)) return false;
      throw error;
    },
  );

/**
 * Of many documents that were put in, in no order: those whose keys were taken already. Every other of the `count` is in.
 *
 * The driver reports a lost connection by the same error as refused documents, with none refused: unless each document was
 * either inserted or refused, nobody knows what became of the rest.
 *
 * @throws {unknown} the error, where it says anything else
 */
export const refusedOf = <Document>(error: unknown, count: number): Document[] => {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
  const faults = error.result.getWriteErrors();
  const isAccounted = error.insertedCount + faults.length === count;
  if (!isAccounted || faults.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  return faults.map((fault) => fault.getOperation() as Document);
};
