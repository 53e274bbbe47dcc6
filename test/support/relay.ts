import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { mongoUri } from './mongo-uri.ts';

/** A way over the network to the engine of the run, which can be held up and cut. */
export interface Relay {
  /** The address of a database, by this way. */
  readonly uri: (database: string) => string;
  /** Traffic waits, in both directions. */
  readonly hold: () => void;
  readonly release: () => void;
  /**
   * Holds back the first message to the engine with these bytes, and all that would follow it, over every connection;
   * answers still come. Resolves once the message is there; `pass` lets it through alone.
   */
  readonly holdAt: (bytes: Buffer) => Promise<{ readonly pass: () => void }>;
  /** Connections break, and new ones are refused. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
}

/** @param port  where to listen; any free port where nothing is said */
export function createRelay(port = 0): Relay {
  const [, host = ''] = /\/\/([^/]+)\//.exec(mongoUri()) ?? [];
  const socketPath = decodeURIComponent(host);
  const open = new Set<Socket>();
  let held = false;
  /** Sockets of the callers' side. */
  const callers = new Set<Socket>();
  let callersHeld = false;
  let awaited: { readonly bytes: Buffer; readonly found: (held: { pass: () => void }) => void } | null = null;

  const forward = (chunk: Buffer, outgoing: Socket) => {
    if (!awaited || !chunk.includes(awaited.bytes)) return outgoing.write(chunk);
    const { found } = awaited;
    awaited = null;
    callersHeld = true;
    for (const socket of callers) socket.pause();
    found({ pass: () => void outgoing.write(chunk) });
  };

  const server = createServer((incoming) => {
    const outgoing = createConnection(socketPath);
    callers.add(incoming);
    incoming.on('close', () => callers.delete(incoming));
    for (const socket of [incoming, outgoing]) {
      open.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          open.delete(socket);
          incoming.destroy();
          outgoing.destroy();
        });
      if (held) socket.pause();
    }
    incoming.on('data', (chunk) => forward(chunk, outgoing));
    if (callersHeld) incoming.pause();
    outgoing.on('data', (chunk) => incoming.write(chunk));
  });

  return {
    uri: (database) => mongoUri().replace(/\/\/[^/]+\//, `//127.0.0.1:${port}/${database}`),
    hold: () => {
      held = true;
      for (const socket of open) socket.pause();
    },
    release: () => {
      held = false;
      callersHeld = false;
      for (const socket of open) socket.resume();
    },
    holdAt: (bytes) =>
      new Promise((resolve) => {
        awaited = { bytes, found: resolve };
      }),
    cut: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
    mend: async () => {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    },
  };
}
