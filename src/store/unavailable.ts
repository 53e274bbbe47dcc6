import mongoose from 'mongoose';

const { mongo } = mongoose;

const UNREACHABLE = [
  mongo.MongoNetworkError,
  mongo.MongoServerSelectionError,
  mongo.MongoOperationTimeoutError,
  mongo.MongoNotConnectedError,
  mongo.MongoServerClosedError,
  mongo.MongoTopologyClosedError,
  mongo.MongoClientClosedError,
  mongo.MongoWriteConcernError,
  mongoose.Error.MongooseServerSelectionError,
];

// classes of the connection pool that the driver does not export
const POOL_ERRORS = new Set(['MongoPoolClosedError', 'MongoWaitQueueTimeoutError']);

// the driver passes on what the system says of a name that does not resolve, and of a socket that breaks under a write
const SOCKET_CODES = new Set([
  'EAI_AGAIN',
  'ENODATA',
  'ENOTFOUND',
  'ESERVFAIL',
  'ETIMEOUT',
  'EPIPE',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

const SERVER_CODES = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  79, // UnknownReplWriteConcern
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  262, // ExceededTimeLimit
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/**
 * Whether an error means that the database could not be reached or did not acknowledge, so that whether a write
 * happened is unknown: network, server selection, pool, time limits, elections, write concern. A refusal, such as a
 * duplicate key, is an answer and is not among them.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (UNREACHABLE.some((kind) => error instanceof kind) || POOL_ERRORS.has(error.name)) return true;
  if (SOCKET_CODES.has(String((error as NodeJS.ErrnoException).code))) return true;
  if (error instanceof mongo.MongoServerError && SERVER_CODES.has(Number(error.code))) return true;
  if (error instanceof mongo.MongoBulkWriteError)
    // a bulk write keeps the driver's own error, such as a lost connection, where others keep the server's response
    return error.result.getWriteConcernError() !== undefined || isUnavailable(error.errorResponse);
  return isUnavailable(error.cause);
}
