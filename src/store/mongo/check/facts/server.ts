import { createRequire } from 'node:module';
import type mongoose from 'mongoose';
import type { Store } from '../../connection.ts';
import { type Look, look } from '../look.ts';

export type ServerKind = 'EMBEDDED' | 'SINGLE' | 'SET' | 'ROUTER';

/** The concerns of the database for commands without their own. */
export interface DefaultConcerns {
  readonly w: unknown;
  readonly readConcern: string | undefined;
}

/** The members with a vote and with data; hidden members count too. */
export interface Votes {
  /** Members that hold data and vote. */
  readonly writable: number;
  /** The number of these that must hold a write for `majority`. */
  readonly majority: number;
}

export interface ServerFacts {
  readonly kind: ServerKind;
  readonly database: string;
  readonly driver: string;
  readonly version: Look<string>;
  /** The feature compatibility version of the data; null if the server is a router. */
  readonly compatibility: Look<string> | null;
  /** Whether the data outlives the process; null if the server is a router. */
  readonly persistent: Look<boolean> | null;
  /** Null if the server does not replicate. */
  readonly defaults: Look<DefaultConcerns> | null;
  /** Null if the server is no member of a replica set. */
  readonly votes: Look<Votes> | null;
  /** The number of shards; null if the server is no router. */
  readonly shards: Look<number> | null;
}

// the copy of the driver that mongoose uses
const requireOfMongoose = createRequire(createRequire(import.meta.url).resolve('mongoose'));
const DRIVER: string = requireOfMongoose('mongodb/package.json').version;

async function kindOf({ embedded, connection }: Pick<Store, 'connection' | 'embedded'>): Promise<ServerKind> {
  if (embedded) return 'EMBEDDED';
  const { msg, setName } = await connection.getClient().db('admin').command({ hello: 1 });
  if (msg === 'isdbgrid') return 'ROUTER';
  return setName === undefined ? 'SINGLE' : 'SET';
}

/** @throws the driver's errors if the server does not answer */
export async function lookAtServer(store: Pick<Store, 'connection' | 'embedded'>): Promise<ServerFacts> {
  const client = store.connection.getClient();
  const kind = await kindOf(store);
  const ask = <Answer>(command: mongoose.mongo.Document, read: (reply: mongoose.mongo.Document) => Answer) =>
    look(async () => read(await client.db('admin').command(command)));
  const isRouter = kind === 'ROUTER';
  const isReplicated = isRouter || kind === 'SET';
  const [version, compatibility, persistent, defaults, votes, shards] = await Promise.all([
    ask({ buildInfo: 1 }, (reply) => String(reply.version)),
    isRouter
      ? null
      : ask({ getParameter: 1, featureCompatibilityVersion: 1 }, (reply) =>
          String(reply.featureCompatibilityVersion?.version),
        ),
    isRouter ? null : ask({ serverStatus: 1 }, (reply) => reply.storageEngine?.persistent !== false),
    isReplicated
      ? ask({ getDefaultRWConcern: 1 }, (reply) => ({
          w: reply.defaultWriteConcern?.w,
          readConcern: reply.defaultReadConcern?.level,
        }))
      : null,
    kind === 'SET'
      ? ask({ replSetGetStatus: 1 }, (reply) => ({
          writable: Number(reply.writableVotingMembersCount),
          majority: Number(reply.writeMajorityCount),
        }))
      : null,
    isRouter ? look(() => client.db('config').collection('shards').countDocuments()) : null,
  ]);
  return {
    ...{ kind, database: store.connection.name, driver: DRIVER },
    ...{ version, compatibility, persistent, defaults, votes, shards },
  };
}
