import mongoose from 'mongoose';

const { MongoCompatibilityError } = mongoose.mongo;

/** The database server is older than the gateway can work with. */
export class UnsupportedServerError extends Error {
  override readonly name = 'UnsupportedServerError';
  constructor() {
    super(`MONGODB_URI: expected MongoDB ${LEAST_VERSION} or later; the server there is older.`);
  }
}

/** `$topN` came with 5.2, and look-ups of documents that are spread over shards with 5.1; 6.0 is the next major version. */
export const LEAST_VERSION = '6.0';
/** The version of the wire protocol that it speaks. */
const LEAST_WIRE_VERSION = 17;

/** Whether a server with this version of the wire protocol in its greeting is too old. */
export const isTooOld = (wireVersion: unknown): boolean =>
  wireVersion !== null && Number(wireVersion) < LEAST_WIRE_VERSION;

/**
 * @param hello  the greeting of the server
 * @throws {UnsupportedServerError}
 */
export function requireVersion({ maxWireVersion }: { readonly maxWireVersion?: unknown }): void {
  if (isTooOld(maxWireVersion)) throw new UnsupportedServerError();
}

/** The driver refuses even older servers, but reports that only after its time limit. */
export function refuseIncompatible(error: unknown): never {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof MongoCompatibilityError) throw new UnsupportedServerError();
  throw error;
}
