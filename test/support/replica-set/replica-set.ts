import { until } from '../engines.ts';
import { run } from './commands.ts';
import { createElections, type Elections, isUp, newest } from './elections.ts';
import { helloOf, SET_NAME, topologyOf } from './hello.ts';
import { type Connection, type Listener, listen } from './listener.ts';
import { Member } from './member.ts';
import { CODES, labelled, Refusal, refusalOf, unconfirmed } from './refusal.ts';
import { createReplication } from './replication.ts';
import { type Document, type Message, ObjectId } from './wire.ts';

/**
 * A replica set, simulated before a real engine: each member is a listener of this process, and MongoDB's own server
 * code answers for it over databases of its own. Replication, elections, sessions and concerns are modelled; queries,
 * indexes and updates are the engine's. A test holds elections by hand, or lets them happen by themselves.
 */
export interface ReplicaSet {
  readonly members: readonly Member[];
  /** @param app  tells the clients of a test apart, for partitions and faults */
  readonly uri: (database: string, app: string) => string;
  /** The primary of the newest term. */
  readonly primary: () => Member;
  /** Resolves once there is a primary that a majority follows. */
  readonly awaitPrimary: () => Promise<Member>;
  /** Has elections happen by themselves, or only by hand where there are no limits. */
  readonly setElections: (limits: Elections | null) => void;
  /**
   * Resolves once the member is the primary; the others have voted by the time of the return.
   *
   * @param ids  the candidates: the first with the votes of a majority is elected
   * @throws {Error} no candidate can reach the votes of a majority
   */
  readonly elect: (...ids: number[]) => Promise<void>;
  /** The primary gives up its place after the statement that it is at, and stands for no election for a second. */
  readonly stepDown: () => void;
  /** Its process ends, with the writes that it has not handed on yet. */
  readonly crash: (id: number) => void;
  readonly restart: (id: number) => void;
  /** These members and these clients hear nothing of all the others. */
  readonly partition: (side: { readonly members: readonly number[]; readonly apps: readonly string[] }) => void;
  readonly heal: () => void;
  /** Makes entries take so many milliseconds to come to a member, or to every member. */
  readonly delay: (ms: number, id?: number) => void;
  /** Nothing comes to any member, until `release`. */
  readonly hold: () => void;
  readonly release: () => void;
  /** Resolves once all members that are up hold the same. */
  readonly settled: () => Promise<void>;
  /** The faults that happen to some commands. */
  readonly faults: Set<Fault>;
  /** Every command, in the order of arrival; greetings aside. */
  readonly commands: Request[];
  readonly tally: () => Tally;
  /** Makes another greeting out of a member's own. */
  greet: (hello: Document, member: Member) => Document;
  readonly close: () => Promise<void>;
}

export interface Tally {
  /** How often a member became the primary. */
  readonly elections: number;
  /** Commands that a session had done before, wholly or in part, and that were answered from memory. */
  readonly repeated: number;
  /** How often a member gave up entries that its new primary never had. */
  readonly rollbacks: number;
  /** Writes of documents among these entries. */
  readonly rolledBack: number;
}

export interface Request {
  readonly name: string;
  readonly command: Document;
  readonly member: Member;
  readonly app: string;
}

export interface Fault {
  readonly when: (request: Request) => boolean;
  /** How often it happens; always by default. */
  times?: number;
  /**
   * The code of a refusal, or the code of a write concern that fails after the write; or the connection breaks, before
   * the command or in the place of its answer; or the primary steps down after the first statement of the command; or
   * another answer takes the place of the server's.
   */
  readonly by:
    | number
    | { readonly unconfirmed: number }
    | 'BREAKING_BEFORE'
    | 'BREAKING_AFTER'
    | 'STEPPING_DOWN_MIDWAY'
    | ((request: Request) => Document | Promise<Document>);
}

export interface ReplicaSetOptions {
  readonly count?: number;
  /** Elections are held by hand by default. */
  readonly elections?: Elections;
}

/** How often drivers ask for news: as often as they may, so that a test need not wait for a driver to look around. */
const HEARTBEAT_MS = 500;
/** How long a primary that steps down in the middle of a command waits for the others to catch up. */
const HAND_OVER_MS = 500;

export async function openReplicaSet({ count = 3, elections: limits }: ReplicaSetOptions = {}): Promise<ReplicaSet> {
  const members = Array.from({ length: count }, (_, id) => new Member(id, count));
  const listeners = new Map<Member, Listener>();
  const faults: ReplicaSet['faults'] = new Set();
  const commands: Request[] = [];
  let side: { readonly members: ReadonlySet<number>; readonly apps: ReadonlySet<string> } | null = null;

  const isWithin = ({ id }: Member) => side?.members.has(id) ?? false;
  const talk = (a: Member, b: Member) => isUp(a) && isUp(b) && isWithin(a) === isWithin(b);
  const reach = (member: Member) => members.filter((other) => talk(member, other));

  const replication = createReplication({ members, reach });
  const { spread } = replication;
  const elections = createElections({ members, reach, spread });

  const greeting = (member: Member) => api.greet(helloOf(member, members, newest(reach(member))), member);
  const isCut = (member: Member, { app }: Connection) => side !== null && isWithin(member) !== side.apps.has(app);

  /** A primary steps down once a majority holds its log, or would after a while. */
  async function handOver(member: Member): Promise<void> {
    spread();
    await member.replicated(member.log.length, 'majority', HAND_OVER_MS, CODES.WRITE_CONCERN_TIMEOUT).catch(() => {});
    if (member.state === 'PRIMARY') elections.stepDown(member);
  }

  /** The fault that happens to a request, if any. */
  const faultOf = (request: Request): Fault['by'] | undefined => {
    const fault = [...faults].find(({ when, times = 1 }) => times > 0 && when(request));
    if (fault?.times !== undefined) fault.times -= 1;
    return fault?.by;
  };

  async function answer(member: Member, { command }: Message, app: string): Promise<Document | null> {
    const [name = ''] = Object.keys(command);
    const request = { name, command, member, app };
    commands.push(request);
    const by = faultOf(request);
    if (by === 'BREAKING_BEFORE') return null;
    const interrupt = by === 'STEPPING_DOWN_MIDWAY' ? () => handOver(member) : undefined;
    const label = (reply: Document) => labelled(reply, command, topologyOf(member));
    try {
      if (typeof by === 'number') throw new Refusal(by, 'a fault of the test');
      const reply =
        typeof by === 'function'
          ? await by(request)
          : await run(member, { database: command.$db, name, command, interrupt }, spread);
      if (by === 'BREAKING_AFTER') return null;
      return label({ ...reply, ...(typeof by === 'object' && unconfirmed(by.unconfirmed, 'a fault of the test')) });
    } catch (error) {
      if (!(error instanceof Refusal) || by === 'BREAKING_AFTER') return null;
      return label(refusalOf(error));
    }
  }

  for (const member of members) {
    const listener = await listen(member, { greeting, isCut, answer });
    listeners.set(member, listener);
    member.host = listener.host;
  }

  const memberOf = (id: number) => members[id] as Member;
  const primary = () => {
    const found = newest(members);
    if (!found) throw new Error('There is no primary.');
    return found;
  };
  const isFollowed = () => {
    const found = newest(members);
    return found !== undefined && found.log[found.committed - 1]?.term === found.term;
  };
  const isSettled = () => {
    replication.requireSound();
    const [first, ...others] = members.filter(isUp).map(({ log }) => log);
    return others.every((log) => log.length === first?.length && log.at(-1)?.id === first.at(-1)?.id);
  };

  const api: ReplicaSet = {
    members,
    faults,
    commands,
    greet: (hello) => hello,
    uri: (database, app) => {
      const hosts = members.map(({ host }) => host).join(',');
      const options = { replicaSet: SET_NAME, appName: app, heartbeatFrequencyMS: String(HEARTBEAT_MS) };
      return `mongodb://${hosts}/${database}?${new URLSearchParams(options)}`;
    },
    primary,
    awaitPrimary: async () => {
      await until(isFollowed);
      return primary();
    },
    setElections: elections.setLimits,
    elect: (...ids) => {
      for (const id of ids) {
        const elected = elections.stand(memberOf(id));
        if (elected) return elected;
      }
      throw new Error(`No majority would vote for member ${ids.join(' or ')}.`);
    },
    stepDown: () => elections.stepDown(primary()),
    crash: (id) => {
      memberOf(id).become('DOWN');
      listeners.get(memberOf(id))?.close();
    },
    restart: (id) => {
      const member = memberOf(id);
      member.topology = { processId: new ObjectId(), counter: 0 };
      member.become('SECONDARY');
      listeners.get(member)?.open();
      spread();
    },
    partition: ({ members: within, apps }) => {
      side = { members: new Set(within), apps: new Set(apps) };
      for (const member of members) member.change();
    },
    heal: () => {
      side = null;
      const term = Math.max(...members.filter(isUp).map((member) => member.term));
      for (const member of members) {
        if (isUp(member)) member.hear(term);
        listeners.get(member)?.breakLost();
      }
      spread();
    },
    delay: (ms, id) => {
      for (const member of members) if (id === undefined || member.id === id) member.lagMs = ms;
      spread();
    },
    hold: () => api.delay(Number.POSITIVE_INFINITY),
    release: () => api.delay(0),
    settled: async () => void (await until(isSettled)),
    tally: () => {
      const sum = (key: keyof Tally) => members.reduce((total, { tally }) => total + tally[key], 0);
      return {
        ...{ elections: sum('elections'), repeated: sum('repeated') },
        ...{ rollbacks: sum('rollbacks'), rolledBack: sum('rolledBack') },
      };
    },
    close: async () => {
      elections.setLimits(null);
      replication.close();
      for (const { id } of members) api.crash(id);
      for (const { engine, lock } of members) {
        await lock.run(async () => {});
        await engine.close();
      }
    },
  };
  await api.elect(0);
  elections.setLimits(limits ?? null);
  await api.settled();
  return api;
}
