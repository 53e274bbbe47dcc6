import mongoose from 'mongoose';
import { type EmbeddedEngine, openEmbedded } from './engine/embedded.ts';
import './driver-repair.ts';
import type { Log } from '../../base/log.ts';
import { refuseIncompatible, requireVersion } from './server-version.ts';

export { isUnavailable, refusalName } from './unavailable.ts';

export type WriteConcernSettings =
  | { readonly w: 1; readonly j: true }
  | { readonly w: 'majority'; readonly j: true; readonly wtimeoutMS: number };

/** Settings for reads of decision facts: from the primary, which proves its role if the topology can. */
export interface ReadSettings {
  readonly readPreference: 'primary';
  readonly readConcern: { readonly level: 'local' | 'linearizable' };
  readonly maxTimeMS: number;
}

export interface Store {
  /** The database. */
  readonly name: string;
  /** Its own connection, never mongoose's global one. It outlives every loss of the server. */
  readonly connection: mongoose.Connection;
  readonly embedded: boolean;
  /** Whether the embedded engine ran already, for another program. */
  readonly joined: boolean;
  /** The write concern of every write; also the connection's default. */
  readonly write: WriteConcernSettings;
  readonly read: ReadSettings;
  /** Runs work that grows with the data, over a connection of its own without a time limit. */
  readonly patiently: <Result>(work: (database: mongoose.mongo.Db) => Promise<Result>) => Promise<Result>;
  /** True if the database gave a proven answer within a second, as decisions need it; never throws. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** A MongoDB address; without one the embedded engine runs over `dataDir`. */
  readonly uri?: string;
  readonly dataDir: string;
  /** Takes precedence over the database in the address; `assent` if neither is given. */
  readonly database?: string;
  readonly log: Log;
  /** Lets the client report its commands, for a counter. */
  readonly countCommands?: boolean;
  /** The application name of this program's connections; by default a gateway's. */
  readonly appName?: string;
}

const DEFAULT_DATABASE = 'assent';
const FIRST_SELECTION_MS = 10_000;
const SELECTION_MS = 2_000;
const SOCKET_MS = 10_000;
const ACKNOWLEDGE_MS = 5_000;
const READ_MS = 5_000;
const PING_MS = 1_000;
/** The shards share its documents, and each of them has to answer a search by another path than the shard key. */
const PROBED = 'people';
/** A filter with an index for a name that folding never yields. */
const NOBODY = { foldedName: '\0' };

const { MongoClient } = mongoose.mongo;

const databaseOf = (uri: string) => {
  const [, name = ''] = /^[^:]+:\/\/[^/?]*\/([^?]*)/.exec(uri) ?? [];
  return decodeURIComponent(name);
};

/**
 * Whether the server replicates: `majority` means more than itself, and a primary may turn out to be a stale one.
 *
 * @throws {UnsupportedServerError} the server is older than the gateway needs
 */
const isReplicated = async (uri: string) => {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: FIRST_SELECTION_MS });
  try {
    const hello = await client.db('admin').command({ hello: 1 }).catch(refuseIncompatible);
    requireVersion(hello);
    return hello.setName !== undefined || hello.msg === 'isdbgrid';
  } finally {
    await client.close();
  }
};

const writeSettings = (replicated: boolean): WriteConcernSettings =>
  replicated ? { w: 'majority', j: true, wtimeoutMS: ACKNOWLEDGE_MS } : { w: 1, j: true };

const readSettings = (replicated: boolean): ReadSettings => ({
  readPreference: 'primary',
  readConcern: { level: replicated ? 'linearizable' : 'local' },
  maxTimeMS: READ_MS,
});

const connect = (uri: string, write: WriteConcernSettings, options: StoreOptions) => {
  const { database, countCommands = false, appName = 'assent' } = options;
  return mongoose
    .createConnection(uri, {
      appName,
      dbName: database ?? (databaseOf(uri) || DEFAULT_DATABASE),
      autoCreate: false,
      autoIndex: false,
      bufferCommands: false,
      serverSelectionTimeoutMS: SELECTION_MS,
      connectTimeoutMS: SELECTION_MS,
      waitQueueTimeoutMS: SELECTION_MS,
      socketTimeoutMS: SOCKET_MS,
      readPreference: 'primary',
      writeConcern: write,
      monitorCommands: countCommands,
    })
    .asPromise();
};

/** Searches for a person with an impossible name, like a read for decisions. A stale primary can't prove the answer. */
const pinger = (connection: mongoose.Connection, read: ReadSettings) => async () => {
  const late = new Promise<false>((resolve) => setTimeout(resolve, PING_MS, false).unref());
  const answered = connection
    .getClient()
    .db(connection.name)
    .collection(PROBED)
    .findOne(NOBODY, { ...read, projection: { _id: 1 }, maxTimeMS: PING_MS })
    .then(
      () => true,
      () => false,
    );
  return Promise.race([answered, late]);
};

const patient =
  (uri: string, database: string, { w, j }: WriteConcernSettings): Store['patiently'] =>
  async (work) => {
    const client = new MongoClient(uri, {
      serverSelectionTimeoutMS: FIRST_SELECTION_MS,
      // no option of the address takes their place
      readPreference: 'primary',
      writeConcern: { w, j },
    });
    try {
      return await work(client.db(database));
    } finally {
      await client.close();
    }
  };

const openOver = async (uri: string, engine: EmbeddedEngine | null, options: StoreOptions): Promise<Store> => {
  const replicated = await isReplicated(uri);
  const write = writeSettings(replicated);
  const read = readSettings(replicated);
  const connection = await connect(uri, write, options);
  connection.on('disconnected', () => options.log.warn('The database cannot be reached.'));
  connection.on('reconnected', () => options.log.info('The database can be reached again.'));
  return Object.freeze({
    name: connection.name,
    connection,
    embedded: engine !== null,
    joined: engine?.joined ?? false,
    write,
    read,
    patiently: patient(uri, connection.name, write),
    ping: pinger(connection, read),
    close: async () => {
      connection.removeAllListeners('disconnected');
      await connection.close();
      await engine?.close();
    },
  });
};

/**
 * Connects to the database and chooses durable settings for writes and reads, by the server's description of itself.
 *
 * @throws {EmbeddedUnavailableError} no address was given and this system cannot run the embedded engine
 * @throws {MongoServerSelectionError} no server answered within ten seconds
 * @throws {UnsupportedServerError} the server is older than the gateway needs
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.uri !== undefined) return openOver(options.uri, null, options);
  const engine = await openEmbedded(options);
  try {
    return await openOver(engine.uri, engine, options);
  } catch (error) {
    await engine.close();
    throw error;
  }
}
