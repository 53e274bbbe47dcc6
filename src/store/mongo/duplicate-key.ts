import mongoose from 'mongoose';

const { MongoBulkWriteError, MongoServerError } = mongoose.mongo;

const DUPLICATE_KEY = 11000;

export const isDuplicateKey = (error: unknown) => error instanceof MongoServerError && error.code === DUPLICATE_KEY;

/** Whether a document was inserted; false if a document with its key exists, which stays. */
export const isAdded = (insertion: Promise<unknown>): Promise<boolean> =>
  insertion.then(
    () => true,
    (error: unknown) => {
      if (isDuplicateKey(error)) return false;
      throw error;
    },
  );

/**
 * The refused documents of an unordered bulk insert: their keys already existed. All other documents are inserted.
 *
 * The driver reports a lost connection by the same error as refused documents, without a refused one. So unless each
 * document was either inserted or refused, the state of the rest is unknown.
 *
 * @throws {unknown} the error, if it has another meaning
 */
export const refusedOf = <Document>(error: unknown, count: number): Document[] => {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
  const faults = error.result.getWriteErrors();
  const isAccounted = error.insertedCount + faults.length === count;
  if (!isAccounted || faults.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
  return faults.map((fault) => fault.getOperation() as Document);
};
