import mongoose from 'mongoose';
import type { Store } from '../../connection.ts';

/** Options of a client that decide how reliable an acknowledgement and a read are. */
export interface ClientOptions {
  readonly w: unknown;
  readonly j: boolean | undefined;
  readonly readPreference: string;
  /** The default for reads without their own level; undefined if the options set none. */
  readonly readConcern: string | undefined;
  readonly retryWrites: boolean;
  readonly retryReads: boolean;
  readonly directConnection: boolean;
}

export interface AddressFacts {
  /** The options in the address. */
  readonly asked: ClientOptions;
  /** The options of a gateway's connection, with the gateway's own. */
  readonly used: ClientOptions;
}

const optionsOf = ({ options }: mongoose.mongo.MongoClient): ClientOptions => ({
  w: options.writeConcern?.w,
  j: options.writeConcern?.j,
  readPreference: options.readPreference.mode,
  readConcern: options.readConcern?.level,
  retryWrites: options.retryWrites,
  retryReads: options.retryReads,
  directConnection: options.directConnection,
});

/** The driver reads the address, since no other reader would read it the same way. */
export const readAddress = (uri: string, { connection }: Pick<Store, 'connection'>): AddressFacts => ({
  asked: optionsOf(new mongoose.mongo.MongoClient(uri)),
  used: optionsOf(connection.getClient()),
});
