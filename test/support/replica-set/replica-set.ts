import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createFramer } from '../../../src/store/wire.ts';
import { refusalOf, run } from './commands.ts';
import { type Entry, Member, OK, Refusal } from './member.ts';
import {
  type Document,
  EXHAUST_ALLOWED,
  Int32,
  Long,
  type Message,
  MORE_TO_COME,
  ObjectId,
  readMessage,
  writeMessage,
} from './wire.ts';

/**
 * A replica set, simulated before a real engine: each member is a listener of this process, and MongoDB's own server
 * code answers for it over databases of its own. Replication, elections, sessions and concerns are modelled; queries,
 * indexes and updates are the engine's. Elections happen when a test says so, and not by themselves.
 */
export interface ReplicaSet {
  readonly members: readonly Member[];
  /** @param app  tells the clients of a test apart, for partitions and faults */
  readonly uri: (database: string, app: string) => string;
  /** The primary of the newest term. */
  readonly primary: () => Member;
  /** @throws {Error} where no majority in its reach would vote for the member */
  readonly elect: (id: number) => void;
  /** Its process ends, with what it has not handed on yet. */
  readonly crash: (id: number) => void;
  readonly restart: (id: number) => void;
  /** These members and these clients hear nothing of all the others. */
  readonly partition: (side: { readonly members: readonly number[]; readonly apps: readonly string[] }) => void;
  readonly heal: () => void;
  /** Nothing is copied to the members but their primary’s own writes, or all that they lack. */
  readonly hold: () => void;
  readonly release: () => void;
  /** Resolves once all members that are up hold the same. */
  readonly settled: () => Promise<void>;
  /** What happens to some commands instead of what should. */
  readonly faults: Set<Fault>;
  /** What each command was, in the order in which they came; greetings aside. */
  readonly commands: Request[];
  /** Makes of a greeting what a test wants to be greeted with. */
  greet: (hello: Document, member: Member) => Document;
  readonly close: () => Promise<void>;
}

export interface Request {
  readonly name: string;
  readonly command: Document;
  readonly member: Member;
  readonly app: string;
}

export interface Fault {
  readonly when: (request: Request) => boolean;
  /** How often it happens; always where nothing is said. */
  times?: number;
  /** The code of a refusal, how the connection breaks, or what is answered instead. */
  readonly by: number | 'BREAKING_BEFORE' | 'BREAKING_AFTER' | ((request: Request) => Document | Promise<Document>);
}

const SET_NAME = 'rs0';
const HIGHEST_ELECTION = '7fffffff';

interface Connection {
  readonly socket: Socket;
  app: string;
  /** Whether something was not answered, so that the connection is of no use any more. */
  lost: boolean;
}

const isUp = ({ state }: Member) => state !== 'DOWN';
const lastTerm = ({ log }: Member) => log.at(-1)?.term ?? 0;
const isAsNew = (a: Member, b: Member) =>
  lastTerm(a) > lastTerm(b) || (lastTerm(a) === lastTerm(b) && a.log.length >= b.log.length);
const commonLength = (a: readonly Entry[], b: readonly Entry[]) => {
  let length = Math.min(a.length, b.length);
  while (length > 0 && a[length - 1]?.id !== b[length - 1]?.id) length -= 1;
  return length;
};

export async function openReplicaSet(count = 3): Promise<ReplicaSet> {
  const members = Array.from({ length: count }, (_, id) => new Member(id));
  const majority = Math.floor(count / 2) + 1;
  const connections = new Map(members.map((member) => [member, new Set<Connection>()]));
  const servers: Server[] = [];
  const faults: ReplicaSet['faults'] = new Set();
  const commands: Request[] = [];
  let side: { readonly members: ReadonlySet<number>; readonly apps: ReadonlySet<string> } | null = null;
  let work: Promise<unknown> = Promise.resolve();

  const isWithin = ({ id }: Member) => side?.members.has(id) ?? false;
  const talk = (a: Member, b: Member) => isUp(a) && isUp(b) && isWithin(a) === isWithin(b);
  const reach = (member: Member) => members.filter((other) => talk(member, other));
  const newest = (candidates: readonly Member[]) =>
    candidates.filter(({ state }) => state === 'PRIMARY').sort((a, b) => b.term - a.term)[0];

  /** A member copies what its primary holds, and first gives up what its primary never had. */
  const catchUp = async (member: Member): Promise<void> => {
    const source = newest(reach(member));
    if (member.state !== 'SECONDARY' || member.held || !source || source.term < member.term) return;
    const common = commonLength(member.log, source.log);
    if (common < member.log.length) await member.rollBack(common);
    await member.copy(source.log.slice(member.log.length));
    member.term = source.term;
    if (!talk(member, source) || source.state !== 'PRIMARY') return;
    source.told.set(member.id, member.log.length);
    source.advance(majority);
    member.committed = Math.min(source.committed, member.log.length);
  };
  const spread = () => {
    work = Promise.all(members.map((member) => member.lock.run(() => catchUp(member))));
  };

  const hello = (member: Member): Document => {
    const primary = newest(reach(member));
    return {
      ...{ helloOk: true, isWritablePrimary: member.state === 'PRIMARY', secondary: member.state === 'SECONDARY' },
      topologyVersion: topologyOf(member),
      ...{ hosts: members.map(({ host }) => host), setName: SET_NAME, setVersion: new Int32(1), me: member.host },
      ...(primary && { primary: primary.host }),
      ...(member.state === 'PRIMARY' && {
        electionId: new ObjectId(`${HIGHEST_ELECTION}${member.term.toString(16).padStart(16, '0')}`),
      }),
      localTime: new Date(Date.now() + member.aheadMs),
      ...{ maxBsonObjectSize: new Int32(16_777_216), maxMessageSizeBytes: new Int32(48_000_000) },
      ...{ maxWriteBatchSize: new Int32(100_000), logicalSessionTimeoutMinutes: new Int32(30) },
      ...{ minWireVersion: new Int32(0), maxWireVersion: new Int32(21), readOnly: false, ...OK() },
    };
  };
  const topologyOf = ({ topology: { processId, counter } }: Member) => ({
    processId,
    counter: Long.fromNumber(counter),
  });

  const isCut = (member: Member, connection: Connection): boolean => {
    const cut = side !== null && isWithin(member) !== side.apps.has(connection.app);
    connection.lost ||= cut;
    return cut;
  };
  const send = (member: Member, connection: Connection, reply: Document, { requestId, legacy }: Message) => {
    const { bytes } = writeMessage(reply, { responseTo: requestId, legacy });
    if (!isCut(member, connection)) connection.socket.write(bytes);
  };

  /** Greets, and goes on to greet whenever something has changed, for as long as the driver listens. */
  const greetOver = async (member: Member, connection: Connection, { command, flags, requestId, legacy }: Message) => {
    const { socket } = connection;
    connection.app ||= String(command.client?.application?.name ?? '');
    let { topologyVersion: known } = command;
    let responseTo = requestId;
    do {
      const until = performance.now() + Number(command.maxAwaitTimeMS ?? 0);
      const isKnown = () =>
        known?.processId.equals(member.topology.processId) && Number(known.counter) === member.topology.counter;
      while (isKnown() && performance.now() < until && isUp(member) && !socket.destroyed)
        await new Promise((resolve) => setTimeout(resolve, GREETING_STEP_MS));
      if (socket.destroyed || !isUp(member)) return;
      const reply = api.greet(hello(member), member);
      known = flags & EXHAUST_ALLOWED ? reply.topologyVersion : undefined;
      const { id, bytes } = writeMessage(reply, { responseTo, legacy, flags: known ? MORE_TO_COME : 0 });
      if (!isCut(member, connection)) socket.write(bytes);
      responseTo = id;
    } while (known);
  };

  const answer = async (member: Member, connection: Connection, message: Message): Promise<void> => {
    const { command } = message;
    const [name = ''] = Object.keys(command);
    if (/^(hello|ismaster)$/i.test(name)) return greetOver(member, connection, message);
    if (isCut(member, connection)) return;
    const request = { name, command, member, app: connection.app };
    commands.push(request);
    const fault = [...faults].find(({ when, times = 1 }) => times > 0 && when(request));
    if (fault?.times !== undefined) fault.times -= 1;
    if (fault?.by === 'BREAKING_BEFORE') return void connection.socket.destroy();
    let reply: Document;
    try {
      if (typeof fault?.by === 'number') throw new Refusal(fault.by, 'a fault of the test');
      reply = await (typeof fault?.by === 'function'
        ? fault.by(request)
        : run(member, command.$db, name, command, spread));
    } catch (error) {
      if (!(error instanceof Refusal)) return void connection.socket.destroy();
      reply = { ...refusalOf(error.code, error.message, command), topologyVersion: topologyOf(member) };
    }
    if (fault?.by === 'BREAKING_AFTER' || !isUp(member)) return void connection.socket.destroy();
    send(member, connection, reply, message);
  };

  for (const member of members) {
    const own = connections.get(member) as Set<Connection>;
    const server = createServer((socket) => {
      if (!isUp(member)) return void socket.destroy();
      const connection: Connection = { socket, app: '', lost: false };
      own.add(connection);
      socket
        .setNoDelay(true)
        .on('error', () => {})
        .on('close', () => own.delete(connection));
      let turn: Promise<unknown> = Promise.resolve();
      socket.on(
        'data',
        createFramer((bytes) => {
          const message = readMessage(Buffer.from(bytes));
          turn = turn.then(() => answer(member, connection, message)).catch(() => void socket.destroy());
        }),
      );
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    member.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const breakAll = (member: Member, which: (connection: Connection) => boolean = () => true) => {
    for (const connection of connections.get(member) ?? []) if (which(connection)) connection.socket.destroy();
  };
  const memberOf = (id: number) => members[id] as Member;

  const api: ReplicaSet = {
    members,
    faults,
    commands,
    greet: (greeting) => greeting,
    uri: (database, app) =>
      `mongodb://${members.map(({ host }) => host).join(',')}/${database}?replicaSet=${SET_NAME}&appName=${app}`,
    primary: () => {
      const found = newest(members);
      if (!found) throw new Error('There is no primary.');
      return found;
    },
    elect: (id) => {
      const member = memberOf(id);
      const others = reach(member).filter((other) => other !== member);
      const votes = others.filter((other) => isAsNew(member, other));
      if (!isUp(member) || votes.length + 1 < majority) throw new Error(`No majority would vote for member ${id}.`);
      const term = Math.max(...members.map((other) => other.term)) + 1;
      // a primary that hears of a newer term steps down
      for (const other of others) if (other.state === 'PRIMARY') other.become('SECONDARY');
      member.term = term;
      member.told.clear();
      member.become('PRIMARY');
      member.append({});
      for (const other of others) other.topology.counter += 1;
      spread();
    },
    crash: (id) => {
      memberOf(id).become('DOWN');
      breakAll(memberOf(id));
    },
    restart: (id) => {
      const member = memberOf(id);
      member.topology = { processId: new ObjectId(), counter: 0 };
      member.become('SECONDARY');
      spread();
    },
    partition: ({ members: within, apps }) => {
      side = { members: new Set(within), apps: new Set(apps) };
      for (const member of members) member.topology.counter += 1;
    },
    heal: () => {
      side = null;
      const current = newest(members);
      for (const member of members) {
        if (member.state === 'PRIMARY' && member !== current) member.become('SECONDARY');
        breakAll(member, ({ lost }) => lost);
      }
      spread();
    },
    hold: () => {
      for (const member of members) member.held = true;
    },
    release: () => {
      for (const member of members) member.held = false;
      spread();
    },
    settled: async () => {
      for (let seen: unknown; seen !== work; ) {
        seen = work;
        await work;
      }
      const up = members.filter(isUp);
      const lengths = new Set(up.map(({ log }) => log.length));
      if (lengths.size > 1) throw new Error('The members hold different logs.');
    },
    close: async () => {
      for (const server of servers) server.close();
      for (const member of members) {
        member.become('DOWN');
        breakAll(member);
      }
      await work.catch(() => {});
      for (const { engine } of members) await engine.close();
    },
  };
  api.elect(0);
  await work;
  return api;
}

const GREETING_STEP_MS = 10;
