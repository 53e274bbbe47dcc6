import { createConnection, type Socket } from 'node:net';

import { createFramer } from '../../../src/store/mongo/engine/wire.ts';
import { mongoUri } from '../mongo-uri.ts';
import { type Document, readMessage, writeMessage } from './wire.ts';

/** The storage of a member of the set: databases of its own within the engine that the run shares. */
export interface Engine {
  readonly ask: (database: string, command: Document) => Promise<Document>;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (reply: Document) => void;
  readonly reject: (error: Error) => void;
}

const SHARED = new Set(['admin', 'config', 'local']);

const connect = (): { send: (bytes: Buffer, waiting: Waiting) => void; socket: Socket } => {
  const [, host = ''] = /\/\/([^/]+)\//.exec(mongoUri()) ?? [];
  const socket = createConnection(decodeURIComponent(host));
  const waiting: Waiting[] = [];
  socket.on(
    'data',
    createFramer((message) => waiting.shift()?.resolve(readMessage(Buffer.from(message)).command)),
  );
  socket.on('error', (error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  });
  return {
    socket,
    send: (bytes, one) => {
      waiting.push(one);
      socket.write(bytes);
    },
  };
};

/** @param name  of the member; it tells its databases from others */
export function openEngine(name: string): Engine {
  const { send, socket } = connect();
  const own = (database: string) => (SHARED.has(database) ? database : `${name}-${database}`);
  const used = new Set<string>();

  const ask: Engine['ask'] = async (database, command) => {
    const $db = own(database);
    if ($db !== database) used.add($db);
    const { bytes } = writeMessage({ ...command, $db });
    const reply = await new Promise<Document>((resolve, reject) => send(bytes, { resolve, reject }));
    if (typeof reply.cursor?.ns === 'string') reply.cursor.ns = reply.cursor.ns.replace($db, database);
    return reply;
  };

  return {
    ask,
    close: async () => {
      for (const $db of used) {
        const { bytes } = writeMessage({ dropDatabase: 1, $db });
        await new Promise<Document>((resolve, reject) => send(bytes, { resolve, reject }));
      }
      socket.destroy();
    },
  };
}
