import mongoose from 'mongoose';
import type { Store } from '../../connection.ts';

/** Options of a client that decide what an acknowledgement and a read are worth. */
export interface ClientOptions {
  readonly w: unknown;
  readonly j: boolean | undefined;
  readonly readPreference: string;
  /** Of reads that name none; undefined where nothing is said. */
  readonly readConcern: string | undefined;
  readonly retryWrites: boolean;
  readonly retryReads: boolean;
  readonly directConnection: boolean;
}

export interface AddressFacts {
  /** What the address asks for. */
  readonly asked: ClientOptions;
  /** What the connection of a gateway has, once the gateway has added its own. */
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
