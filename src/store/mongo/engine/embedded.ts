import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createConnection, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Log } from '../../../base/log.ts';
import { type EnginePlace, engineUri, prepareEnginePlace } from './engine-place.ts';
import { type Command, EmbeddedUnavailableError, findNodeCommand } from './glibc.ts';

export interface EmbeddedOptions {
  /** Holds the database and the engine's sockets; created if missing. */
  readonly dataDir: string;
  readonly log: Log;
  /** Called after each unexpected end of the engine; by then it is opening again. */
  readonly onLost?: () => void;
}

export interface EmbeddedEngine {
  /** A `mongodb://` address, the same over every restart of the engine. */
  readonly uri: string;
  /** Whether it already ran for another program when this one opened it. */
  readonly joined: boolean;
  /** The process of the engine; null while it opens again. */
  pid(): number | null;
  /** Gives the lease back; the engine ends soon after its last one. */
  close(): Promise<void>;
}

interface Lease {
  readonly pid: number;
  readonly socket: Socket;
}

interface Acquired extends Lease {
  /** Whether another program started the engine. */
  readonly joined: boolean;
}

// after a crash the engine replays its journal; nothing may interrupt that
const OPENING_MS = 180_000;
const OVERDUE = `it did not open within ${OPENING_MS / 1000} seconds`;
const SLOW_MS = 5_000;
const LEASE_ANSWER_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

// the engine needs no other variables of the gateway's environment, and must not see its secrets
const INHERITED = ['HOME', 'LANG', 'PATH', 'TMPDIR', 'TZ', 'XDG_CACHE_HOME'];

const childArguments = (): string[] => {
  const ending = path.extname(fileURLToPath(import.meta.url));
  const child = fileURLToPath(new URL(`./engine-child${ending}`, import.meta.url));
  if (ending !== '.ts') return [child];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return ['--import', pathToFileURL(tsx).href, child];
};

const takeLease = (leaseSocket: string) =>
  new Promise<Lease>((resolve, reject) => {
    const socket = createConnection(leaseSocket);
    socket.setTimeout(LEASE_ANSWER_MS, () => socket.destroy());
    socket.on('error', reject).on('close', () => reject(new Error('The engine is closing')));
    socket.on('data', (line) => {
      socket.setTimeout(0);
      resolve({ pid: Number(line), socket });
    });
  });

/** Starts a child and waits until it serves; false when another one holds the data directory. */
const startChild = async ([program, ...args]: Command, place: EnginePlace, signal: AbortSignal): Promise<boolean> => {
  const output = await open(place.logFile, 'a', 0o600);
  const child = spawn(program, [...args, ...childArguments(), JSON.stringify(place)], {
    detached: true,
    stdio: ['ignore', output.fd, output.fd, 'ipc'],
    env: Object.fromEntries(INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
  });
  await output.close();
  const outcome = await new Promise<{ failed?: string }>((resolve) => {
    child.on('message', resolve);
    child.on('error', ({ message }) => resolve({ failed: message }));
    child.on('close', (code, ended) => resolve({ failed: `it ended with ${ended ?? code}` }));
    signal.addEventListener('abort', () => resolve({ failed: OVERDUE }));
  });
  if (child.connected) child.disconnect();
  child.unref();
  if (outcome.failed === undefined) return true;
  if (outcome.failed.includes('DBPathInUse')) return false;
  throw new EmbeddedUnavailableError(`The embedded MongoDB engine failed: ${outcome.failed} (see ${place.logFile})`);
};

/** Leases the engine of this place, and starts it if it does not run. */
const acquire = async (place: EnginePlace, log: Log): Promise<Acquired> => {
  let joined = true;
  const signal = AbortSignal.timeout(OPENING_MS);
  const patience = setTimeout(
    () => log.info('The embedded database is still opening; after a crash this takes longer.'),
    SLOW_MS,
  );
  try {
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const lease = await takeLease(place.leaseSocket).catch(() => null);
      if (lease) return { ...lease, joined };
      joined = !(await startChild(await findNodeCommand({ log }), place, signal));
      if (joined) await sleep(pause);
    }
    throw new EmbeddedUnavailableError(`The embedded MongoDB engine failed: ${OVERDUE} (see ${place.logFile})`);
  } finally {
    clearTimeout(patience);
  }
};

/**
 * Opens the embedded engine over a directory, or joins one that already runs there. After a crash it opens the engine
 * again, with growing pauses, until `close`; a connection to its address recovers by itself.
 *
 * @throws {EmbeddedUnavailableError} this system cannot run the engine, or its data cannot be opened
 */
export async function openEmbedded({ dataDir, log, onLost }: EmbeddedOptions): Promise<EmbeddedEngine> {
  const place = await prepareEnginePlace(dataDir);
  let closed = false;
  let lease: Lease | null = null;

  const hold = (taken: Lease) => {
    if (closed) return void taken.socket.destroy();
    lease = taken;
    taken.socket.unref().on('close', () => {
      lease = null;
      if (!closed) void reopen();
    });
  };
  const reopen = async () => {
    log.warn(`The embedded database went away and is being opened again (see ${place.logFile}).`);
    onLost?.();
    for (let pause = FIRST_PAUSE_MS; !closed; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        hold(await acquire(place, log));
        return log.info('The embedded database is back.');
      } catch (error) {
        log.error(error instanceof Error ? error.message : String(error));
        await sleep(pause, undefined, { ref: false });
      }
    }
  };

  const acquired = await acquire(place, log);
  hold(acquired);
  return {
    joined: acquired.joined,
    uri: engineUri(place),
    pid: () => lease?.pid ?? null,
    close: async () => {
      closed = true;
      lease?.socket.destroy();
    },
  };
}
