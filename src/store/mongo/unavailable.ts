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

// the driver passes on the system's errors about a name that does not resolve, and about a socket that breaks
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

/**
 * Errors of a server that can't confirm a write, or can't prove a read.
 *
 * @see https://www.mongodb.com/docs/manual/reference/error-codes/
 */
const SERVER_CODES = {
  // it can’t be reached
  HostUnreachable: 6,
  HostNotFound: 7,
  NetworkTimeout: 89,
  PooledConnectionsDropped: 145,
  NetworkInterfaceExceededTimeLimit: 202,
  ConnectionPoolExpired: 317,
  ConnectionError: 384,
  SocketException: 9001,
  // it was too late
  LockTimeout: 24,
  MaxTimeMSExpired: 50,
  ExceededTimeLimit: 262,
  TransactionExceededLifetimeLimitSeconds: 290,
  PooledConnectionAcquisitionExceededTimeLimit: 407,
  // it is no primary, or none any more
  NotYetInitialized: 94,
  PrimarySteppedDown: 189,
  ElectionInProgress: 216,
  LegacyNotPrimary: 10_058,
  NotWritablePrimary: 10_107,
  InterruptedDueToReplStateChange: 11_602,
  NotPrimaryNoSecondaryOk: 13_435,
  NotPrimaryOrSecondary: 13_436,
  // it shuts down
  ShutdownInProgress: 91,
  TransportSessionClosed: 172,
  ServiceExecutorInShutdown: 333,
  CloseConnectionForShutdownCommand: 372,
  InterruptedAtShutdown: 11_600,
  // a write is not acknowledged by as many members as it has to be
  WriteConcernTimeout: 64,
  WriteConcernLegacyOK: 75,
  UnknownReplWriteConcern: 79,
  UnsatisfiableWriteConcern: 100,
  IncompleteTransactionHistory: 217,
  // a read is not proven
  FailedToSatisfyReadPreference: 133,
  ReadConcernMajorityNotAvailableYet: 134,
  ReadConcernMajorityNotEnabled: 148,
  LinearizableReadConcernError: 187,
  // it was interrupted
  CursorNotFound: 43,
  QueryPlanKilled: 175,
  CursorKilled: 237,
  ClientDisconnect: 279,
  InterruptedDueToStorageChange: 355,
  InterruptedDueToReshardingCriticalSection: 453,
  Interrupted: 11_601,
  ClientMarkedKilled: 46_841,
  RetriableRemoteCommandFailure: 91_331,
  InterruptedDueToFCVChange: 10_045_600,
  // data moves between shards
  StaleShardVersion: 63,
  NoConfigPrimary: 149,
  StaleEpoch: 150,
  StaleDbVersion: 249,
  MovePrimaryInProgress: 319,
  ReshardingCriticalSectionTimeout: 342,
  ShardCannotRefreshDueToLocksHeld: 343,
  MigrationBlockingOperationCoordinatorCleaningUp: 406,
  UpdatesStillPending: 412,
  StaleConfig: 13_388,
  ConfigServerUnreachable: 56_846,
  // it has too much to do
  WriteConflict: 112,
  TemporarilyUnavailable: 365,
  ResourceExhausted: 402,
  AdmissionQueueOverflow: 433,
  RateLimitExceeded: 449,
  PooledConnectionAcquisitionRejected: 450,
  IngressRequestRateLimitExceeded: 462,
  // it takes no writes for now, or wants the credentials again
  UserWritesBlocked: 371,
  ReauthenticationRequired: 391,
  OutOfDiskSpace: 14_031,
};
const UNAVAILABLE_CODES = new Set(Object.values(SERVER_CODES));

/** Labels that a server or the driver gives to errors, also to error codes newer than this list. */
const LABELS = ['RetryableWriteError', 'RetryableError', 'SystemOverloadedError'];

const isOutageOfServer = (error: unknown) =>
  error instanceof mongo.MongoServerError &&
  (UNAVAILABLE_CODES.has(Number(error.code)) || LABELS.some((label) => error.hasErrorLabel(label)));

/** The name of a refusal of the database, without its message; null for any other error. */
export const refusalName = (error: unknown): string | null =>
  error instanceof mongo.MongoServerError ? (error.codeName ?? String(error.code)) : null;

/**
 * Whether an error means that the database could not be reached, did not acknowledge a write, so that its result is
 * unknown, or could not prove a read: network, server selection, pool, time limits, elections, write concern, read
 * concern. A refusal, such as a duplicate key, is an answer and not among them.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (UNREACHABLE.some((kind) => error instanceof kind) || POOL_ERRORS.has(error.name)) return true;
  if (SOCKET_CODES.has(String((error as NodeJS.ErrnoException).code))) return true;
  if (isOutageOfServer(error)) return true;
  if (error instanceof mongo.MongoBulkWriteError)
    // in a bulk write the driver's own error, such as a lost connection, replaces the server's response
    return error.result.getWriteConcernError() !== undefined || isUnavailable(error.errorResponse);
  return isUnavailable(error.cause);
}
