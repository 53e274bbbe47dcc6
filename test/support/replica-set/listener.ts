import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createFramer } from '../../../src/store/mongo/engine/wire.ts';
import { isUp } from './elections.ts';
import type { Member } from './member.ts';
import { type Document, EXHAUST_ALLOWED, type Message, MORE_TO_COME, readMessage, writeMessage } from './wire.ts';

/** A connection of a client to a member. */
export interface Connection {
  readonly socket: Socket;
  /** The name in the greeting of its client. */
  app: string;
  /** Whether a message was not passed on, so that the connection is of no use any more. */
  lost: boolean;
}

export interface ListenerOptions {
  readonly greeting: (member: Member) => Document;
  /** Whether nothing passes between the member and the client of the connection. */
  readonly isCut: (member: Member, connection: Connection) => boolean;
  /** @returns null where the connection is to break without an answer */
  readonly answer: (member: Member, message: Message, app: string) => Promise<Document | null>;
}

export interface Listener {
  readonly host: string;
  /** Breaks the connections that have lost a message. */
  readonly breakLost: () => void;
  /** Breaks every connection and refuses new ones, until `open`. */
  readonly close: () => void;
  readonly open: () => void;
}

const ADDRESS = '127.0.0.1';
/** Ports that systems give to no connection, so that a member that starts again finds its own still free. */
const PORTS = { first: 20_000, end: 32_000 };

/** @returns the port, which was free */
async function listenAnywhere(server: Server): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.first, PORTS.end);
    server.listen(port, ADDRESS);
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) return port;
  }
}

/** Listens for clients of a member, and speaks the wire protocol with them. */
export async function listen(member: Member, { greeting, isCut, answer }: ListenerOptions): Promise<Listener> {
  const connections = new Set<Connection>();

  const isSilent = (connection: Connection): boolean => {
    const cut = isCut(member, connection);
    connection.lost ||= cut;
    return cut;
  };

  /** Greets, and greets again whenever something has changed, for as long as the driver listens. */
  async function greet(connection: Connection, { command, flags, requestId, legacy }: Message): Promise<void> {
    const { socket } = connection;
    connection.app ||= String(command.client?.application?.name ?? '');
    let { topologyVersion: known } = command;
    let responseTo = requestId;
    do {
      const isKnown =
        known?.processId.equals(member.topology.processId) && Number(known.counter) === member.topology.counter;
      if (isKnown) await untilNews(socket, Number(command.maxAwaitTimeMS ?? 0));
      if (socket.destroyed || !isUp(member)) return;
      const reply = greeting(member);
      known = flags & EXHAUST_ALLOWED ? reply.topologyVersion : undefined;
      const { id, bytes } = writeMessage(reply, { responseTo, legacy, flags: known ? MORE_TO_COME : 0 });
      if (!isSilent(connection)) socket.write(bytes);
      responseTo = id;
    } while (known);
  }

  /** Waits until something of the member changes or the connection closes; at most so many milliseconds. */
  const untilNews = (socket: Socket, limit: number) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        member.news.off('change', end);
        socket.off('close', end);
        resolve();
      };
      const timer = setTimeout(end, limit);
      member.news.on('change', end);
      socket.on('close', end);
    });

  async function reply(connection: Connection, message: Message): Promise<void> {
    if (isSilent(connection)) return;
    const document = await answer(member, message, connection.app);
    if (document === null || !isUp(member)) return void connection.socket.destroy();
    const { bytes } = writeMessage(document, { responseTo: message.requestId, legacy: message.legacy });
    if (!isSilent(connection)) connection.socket.write(bytes);
  }

  const server = createServer((socket) => {
    const connection: Connection = { socket, app: '', lost: false };
    connections.add(connection);
    const fail = () => void socket.destroy();
    let turn: Promise<unknown> = Promise.resolve();
    socket
      .setNoDelay(true)
      .on('error', () => {})
      .on('close', () => connections.delete(connection))
      .on(
        'data',
        createFramer((bytes) => {
          const message = readMessage(Buffer.from(bytes));
          const [name = ''] = Object.keys(message.command);
          // a streamed greeting has no end, and must not keep the other messages of its connection waiting
          if (/^(hello|ismaster)$/i.test(name)) greet(connection, message).catch(fail);
          else turn = turn.then(() => reply(connection, message)).catch(fail);
        }),
      );
  });
  const port = await listenAnywhere(server);
  const breakThose = (which: (connection: Connection) => boolean) => {
    for (const connection of [...connections]) if (which(connection)) connection.socket.destroy();
  };
  return {
    host: `${ADDRESS}:${port}`,
    breakLost: () => breakThose(({ lost }) => lost),
    close: () => {
      server.close();
      breakThose(() => true);
    },
    open: () => void server.listen(port, ADDRESS),
  };
}
