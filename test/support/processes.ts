import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Foundation } from '../../src/gateway/foundation.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import { createDisk } from './engines.ts';
import { fillDatabase } from './filled-database.ts';
import { mongoUri } from './mongo-uri.ts';
import type { Relay } from './relay.ts';
import type { Answer } from './world.ts';

export interface GatewayProcessOptions {
  /** The Unix socket that it listens at. */
  readonly socketPath: string;
  /** The instant that its clock shows for ever, ISO 8601; the time of the database where nothing is said. */
  readonly standsAt?: string;
}

/** How a gateway of a cluster is to be started. */
export interface GatewayStart {
  /** How far the clock of its machine is off, in milliseconds. */
  readonly shiftMs?: number;
  /** Another way to the database than the others have. */
  readonly mongodbUri?: string;
}

/** A gateway process, asked over connections that stay open. */
export interface GatewayProcess {
  readonly pid: number;
  readonly ask: (token: string | null, query: string, variables?: Record<string, unknown>) => Promise<Answer>;
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: unknown }>;
  readonly isRunning: () => boolean;
  readonly stop: () => Promise<void>;
}

/** Several gateway processes over one database, with a store of the test's own beside them. */
export interface Cluster<Gateways> extends Foundation {
  readonly dataDir: string;
  readonly gateways: Gateways;
  readonly token: (claims: CallerClaims) => Promise<string>;
  /** The internal id of a person. */
  readonly sidOf: (publicId: string) => string;
  /** The id of a person at a partner. */
  readonly partnerId: (clientId: string, publicId: string) => string;
  /** One more gateway, which is stopped with the others. */
  readonly start: (name: string, options?: GatewayStart) => Promise<GatewayProcess>;
  readonly stopGateways: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('./gateway-process.js', import.meta.url));
const SHIFT = new URL('./shifted-date.js', import.meta.url).href;

const headersOf = ({ headers }: IncomingMessage) =>
  new Headers(Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]));

const connect = (socketPath: string) => {
  const agent = new Agent({ keepAlive: true });
  const send = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
    const outgoing = request({ agent, socketPath, method, path, headers }).end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const read = await text(incoming);
    return { status: incoming.statusCode ?? 0, headers: headersOf(incoming), body: JSON.parse(read) };
  };
  const ask: GatewayProcess['ask'] = async (token, query, variables = {}) => {
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': 'application/json', ...authorization };
    const {
      status,
      headers: received,
      body,
    } = await send('POST', '/graphql', headers, JSON.stringify({ query, variables }));
    return { status, headers: received, data: body.data, errors: body.errors ?? [] };
  };
  return { ask, get: (path: string) => send('GET', path, {}), disconnect: () => agent.destroy() };
};

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

async function startGateway(
  options: GatewayProcessOptions,
  env: Record<string, string>,
  { shiftMs, mongodbUri }: GatewayStart,
): Promise<GatewayProcess> {
  const shift = shiftMs === undefined ? [] : ['--import', SHIFT];
  const child = spawn(process.execPath, [...shift, SCRIPT, JSON.stringify(options)], {
    env: {
      ...{ ...process.env, ...env, SHIFT_DATE_MS: String(shiftMs ?? 0) },
      ...(mongodbUri !== undefined && { MONGODB_URI: mongodbUri }),
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const outcome = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (outcome[0] !== 'listening') throw new Error(`A gateway ended with ${outcome} before it listened`);
  const { ask, get, disconnect } = connect(options.socketPath);
  return {
    pid: child.pid as number,
    ask,
    get,
    isRunning: () => !hasEnded(child),
    stop: async () => {
      disconnect();
      if (hasEnded(child)) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export interface ClusterOptions {
  readonly standsAt?: Date;
  /** An engine of the cluster's own, which may be killed; otherwise a database in the engine that the run shares. */
  readonly ownEngine?: boolean;
  /** The second gateway's way to the engine that the run shares. */
  readonly relay?: Relay;
}

/** Two gateway processes over a fresh database that holds `world`. */
export async function openCluster(world: unknown, { standsAt, ownEngine = false, relay }: ClusterOptions = {}) {
  const disk = createDisk();
  const dataDir = await disk.dir();
  const database = `test-${randomUUID()}`;
  const env = {
    DATA_DIR: dataDir,
    MONGODB_URI: ownEngine ? '' : mongoUri().replace('/?', `/${database}?`),
  };
  const filled = await fillDatabase(world, env, standsAt ? { now: () => standsAt } : null);
  const { store, sids } = filled;
  const sidOf = (publicId: string) => {
    const sid = sids.get(publicId);
    if (sid === undefined) throw new Error(`Nobody is known as ${publicId}`);
    return sid;
  };

  const started: GatewayProcess[] = [];
  const start = async (name: string, options: GatewayStart = {}) => {
    const at = {
      socketPath: path.join(dataDir, `${name}.sock`),
      ...(standsAt && { standsAt: standsAt.toISOString() }),
    };
    const gateway = await startGateway(at, env, options);
    started.push(gateway);
    return gateway;
  };
  const gateways = await Promise.all([start('a'), start('b', relay && { mongodbUri: relay.uri(database) })]);
  const stopGateways = async () => {
    await Promise.all(started.map(({ stop }) => stop()));
  };
  const cluster: Cluster<typeof gateways> = {
    ...filled,
    dataDir,
    gateways,
    sidOf,
    partnerId: (clientId, publicId) => filled.partnerId(clientId, sidOf(publicId)),
    start,
    stopGateways,
    close: async () => {
      await stopGateways();
      if (!ownEngine) await store.connection.dropDatabase();
      await store.close();
      await disk.clear();
    },
  };
  return cluster;
}
