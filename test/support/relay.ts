import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { inject } from 'vitest';

/** A way over the network to the engine of the run, which can be held up and cut. */
export interface Relay {
  /** The address of a database, by this way. */
  readonly uri: (database: string) => string;
  /** What is sent either way waits. */
  readonly hold: () => void;
  readonly release: () => void;
  /** Connections break, and new ones are refused. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
}

/** @param port  where to listen; any free port where nothing is said */
export function createRelay(port = 0): Relay {
  const [, host = ''] = /\/\/([^/]+)\//.exec(inject('mongoUri')) ?? [];
  const socketPath = decodeURIComponent(host);
  const open = new Set<Socket>();
  let held = false;

  const server = createServer((incoming) => {
    const outgoing = createConnection(socketPath);
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
    incoming.on('data', (chunk) => outgoing.write(chunk));
    outgoing.on('data', (chunk) => incoming.write(chunk));
  });

  return {
    uri: (database) => inject('mongoUri').replace(/\/\/[^/]+\//, `//127.0.0.1:${port}/${database}`),
    hold: () => {
      held = true;
      for (const socket of open) socket.pause();
    },
    release: () => {
      held = false;
      for (const socket of open) socket.resume();
    },
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
