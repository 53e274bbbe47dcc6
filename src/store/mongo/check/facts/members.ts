import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import { estimateOf } from '../../time-estimate.ts';

/** A server, as it greets the driver; any user sees it, also one without rights. */
export interface MemberFacts {
  /** Host and port. */
  readonly address: string;
  readonly role: 'PRIMARY' | 'SECONDARY' | 'ARBITER' | 'OTHER' | 'SILENT';
  /** The newest version of the wire protocol that it speaks; null if it did not answer. */
  readonly wireVersion: number | null;
  /** The lead of its clock over this machine's, within `errorMs`; null if it does not tell its time. */
  readonly clock: { readonly aheadMs: number; readonly errorMs: number } | null;
}

export interface Members {
  readonly members: readonly MemberFacts[];
  /** The number of data-bearing members by the set's own statement; hidden members do not count, and arbiters apart. */
  readonly holdData: number;
  readonly arbiters: number;
}

const EVERY_MS = 500;
const ANSWER_MS = 2_000;
const LISTEN_MS = 1_300;
const LOOK_EVERY_MS = 20;
/** A clock with an error of at most this needs no further greeting. */
const PRECISE_MS = 25;

const { MongoClient } = mongoose.mongo;

const roleOf = (hello: mongoose.mongo.Document): MemberFacts['role'] => {
  if (hello.arbiterOnly) return 'ARBITER';
  if (hello.isWritablePrimary ?? hello.ismaster) return 'PRIMARY';
  return hello.secondary ? 'SECONDARY' : 'OTHER';
};

const clockOf = (localTime: unknown, duration: number): MemberFacts['clock'] => {
  if (!(localTime instanceof Date)) return null;
  const heard = Date.now();
  // the driver truncates to whole milliseconds
  const { offset, error } = estimateOf({ asked: heard - duration - 1, heard, told: localTime.getTime() });
  return { aheadMs: offset, errorMs: error };
};

const better = (one: MemberFacts['clock'], other: MemberFacts['clock'] | undefined) =>
  one && other && other.errorMs < one.errorMs ? other : one;

const isKnown = (member: MemberFacts | undefined) =>
  member !== undefined && (member.clock === null || member.clock.errorMs <= PRECISE_MS);

/**
 * Listens to the greetings between the driver and every server it finds, and repeats them for slow servers: the
 * quickest answer tells the time best. The driver greets without signing in.
 *
 * @throws the driver's errors if no server can be reached
 */
export async function listenToMembers(uri: string, appName: string): Promise<Members> {
  const client = new MongoClient(uri, {
    ...{ appName, serverMonitoringMode: 'poll', heartbeatFrequencyMS: EVERY_MS },
    ...{ connectTimeoutMS: ANSWER_MS, serverSelectionTimeoutMS: ANSWER_MS },
  });
  const heard = new Map<string, MemberFacts>();
  let known: readonly string[] = [];
  let set: mongoose.mongo.Document = {};
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    known = [...newDescription.servers.keys()];
  });
  client.on('serverHeartbeatSucceeded', ({ connectionId: address, duration, reply }) => {
    const role = roleOf(reply);
    if (role === 'PRIMARY' || set.hosts === undefined) set = reply;
    heard.set(address, {
      ...{ address, role, wireVersion: Number(reply.maxWireVersion) },
      clock: better(clockOf(reply.localTime, duration), heard.get(address)?.clock),
    });
  });
  try {
    await client.connect();
    const end = performance.now() + LISTEN_MS;
    while (performance.now() < end && !known.every((address) => isKnown(heard.get(address))))
      await sleep(LOOK_EVERY_MS);
    const silent = (address: string) => ({ address, role: 'SILENT' as const, wireVersion: null, clock: null });
    return {
      members: known.map((address) => heard.get(address) ?? silent(address)).sort(byAddress),
      holdData: (set.hosts?.length ?? 0) + (set.passives?.length ?? 0),
      arbiters: set.arbiters?.length ?? 0,
    };
  } finally {
    await client.close();
  }
}

const byAddress = (one: MemberFacts, other: MemberFacts) => (one.address < other.address ? -1 : 1);
