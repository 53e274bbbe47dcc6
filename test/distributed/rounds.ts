import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/engines.ts';
import { ELECTIONS } from '../support/replica-set/elections.ts';
import type { Fault, ReplicaSet, Tally } from '../support/replica-set/replica-set.ts';
import { act, type Counts, read, WRITERS } from './load.ts';
import type { Person, Stage } from './stage.ts';

export interface Disturbance {
  readonly stage: Stage;
  readonly counts: Counts;
  /** A person that nobody has asked about yet; the round looks for the person's marks in the end. */
  readonly meet: () => Person;
  /** How long and how often it happens, as a part of the full length: 1 is all of it. */
  readonly pace: number;
  /** How long a round waits for acknowledgements and answers that a sound gateway does not give, in milliseconds. */
  readonly patienceMs: number;
}

export interface Round {
  readonly name: string;
  readonly disturb: (disturbance: Disturbance) => Promise<void>;
  /** Grows where the round disturbs anything. */
  readonly evidence?: keyof Tally;
}

const OFTEN = 0.06;
const COMMANDS = /^(insert|update|findAndModify|delete|find|aggregate)$/;
const WRITES = /^(insert|findAndModify)$/;
/** More answers than can still be on their way for writes from before. */
const UNSAFE = 2 * WRITERS;
/** By then a driver has heard of a new primary, so that seldom a request goes to the old one. */
const NEWS_MS = 100;
const READS = 6;

const lengthOf = (pace: number, ms: number) => Math.max(1_000, pace * ms);
const timesOf = (pace: number, times: number) => Math.max(1, Math.round(pace * times));

/** Connections break around some commands at random, for a while and until some have. */
const breaking = (by: 'BREAKING_BEFORE' | 'BREAKING_AFTER') => async (disturbance: Disturbance) => {
  const {
    stage: { random, set },
    pace,
  } = disturbance;
  const { repeated } = set.tally();
  let broken = 0;
  const when: Fault['when'] = ({ name }) => {
    const breaks = COMMANDS.test(name) && random.chance(OFTEN);
    broken += Number(breaks);
    return breaks;
  };
  const fault = { when, by };
  set.faults.add(fault);
  await sleep(lengthOf(pace, 4_000));
  await until(() => (by === 'BREAKING_AFTER' ? set.tally().repeated > repeated : broken > 0));
  set.faults.delete(fault);
};

/** Holds replication from the next write on, so that at least this write is given up. */
async function holdAtWrite(set: ReplicaSet): Promise<void> {
  let isHeld = false;
  const when: Fault['when'] = ({ name }) => {
    if (!isHeld && WRITES.test(name)) set.hold();
    isHeld ||= WRITES.test(name);
    return false;
  };
  const fault: Fault = { when, by: 'BREAKING_BEFORE' };
  set.faults.add(fault);
  await until(() => isHeld);
  set.faults.delete(fault);
}

async function untilOrLate(holds: () => boolean, ms: number): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end && !holds(); ) await sleep(10);
}

/** A withdrawal comes to the next primary, while the other gateway is alone with the old one. */
async function standAlone({ stage, counts, meet, patienceMs }: Disturbance): Promise<void> {
  const { set, gateways } = stage;
  const [a, b] = gateways;
  const person = meet();
  await until(() => act(a, person, true, counts));
  await read(b, person, counts);
  const old = await set.awaitPrimary();
  set.setElections(null);
  set.partition({ members: [old.id], apps: ['B'] });
  await set.elect(...set.members.filter((other) => other !== old).map(({ id }) => id));
  await sleep(NEWS_MS);
  await until(() => act(a, person, false, counts));
  if (old.state !== 'PRIMARY') counts.faults.push('the old primary is none any more');
  const reads = Promise.all(Array.from({ length: READS }, () => read(b, person, counts)));
  await Promise.race([reads, sleep(patienceMs)]);
  set.heal();
  set.setElections(ELECTIONS);
  await reads;
  await set.awaitPrimary();
}

/** Every kind of disturbance, from none at all to two members that call themselves primary. */
export const ROUNDS: readonly Round[] = [
  { name: 'quiet', disturb: ({ pace }) => sleep(lengthOf(pace, 1_000)) },
  {
    name: 'step-down',
    evidence: 'elections',
    disturb: async ({ stage: { set }, pace }) => {
      for (let n = 0; n < timesOf(pace, 3); n++) {
        await set.awaitPrimary();
        set.stepDown();
        await set.awaitPrimary();
        await sleep(500);
      }
    },
  },
  {
    name: 'crash',
    evidence: 'elections',
    disturb: async ({ stage: { set }, pace }) => {
      for (let n = 0; n < timesOf(pace, 2); n++) {
        const { id } = await set.awaitPrimary();
        set.crash(id);
        await set.awaitPrimary();
        await sleep(700);
        set.restart(id);
        await sleep(500);
      }
    },
  },
  { name: 'lost replies', evidence: 'repeated', disturb: breaking('BREAKING_AFTER') },
  { name: 'lost requests', disturb: breaking('BREAKING_BEFORE') },
  {
    name: 'mid-batch',
    evidence: 'repeated',
    disturb: async ({ stage: { set }, pace }) => {
      const when: Fault['when'] = ({ command: { documents, updates } }) => (documents ?? updates)?.length > 1;
      const { repeated } = set.tally();
      // a first statement that changes nothing is not remembered
      for (let n = 0; n < timesOf(pace, 4) || set.tally().repeated === repeated; n++) {
        await set.awaitPrimary();
        const fault: Fault = { when, times: 1, by: 'STEPPING_DOWN_MIDWAY' };
        set.faults.add(fault);
        await until(() => fault.times === 0);
        set.faults.delete(fault);
        await sleep(500);
      }
    },
  },
  {
    name: 'crash before replication',
    evidence: 'rolledBack',
    disturb: async ({ stage: { set }, counts, pace, patienceMs }) => {
      for (let n = 0; n < timesOf(pace, 3); n++) {
        const { id } = await set.awaitPrimary();
        await holdAtWrite(set);
        const { acknowledged } = counts;
        await untilOrLate(() => counts.acknowledged >= acknowledged + UNSAFE, patienceMs);
        set.crash(id);
        set.release();
        await set.awaitPrimary();
        await sleep(400);
        set.restart(id);
        await sleep(400);
      }
    },
  },
  {
    name: 'partition: clients with the majority',
    evidence: 'elections',
    disturb: async ({ stage: { set }, pace }) => {
      const { id } = await set.awaitPrimary();
      set.partition({ members: [id], apps: [] });
      await sleep(lengthOf(pace, 4_000));
      set.heal();
    },
  },
  {
    name: 'partition: one gateway with the old primary',
    evidence: 'elections',
    disturb: async ({ stage: { set }, pace }) => {
      const { id } = await set.awaitPrimary();
      set.partition({ members: [id], apps: ['A'] });
      await sleep(lengthOf(pace, 4_000));
      set.heal();
    },
  },
  {
    name: 'no majority',
    evidence: 'elections',
    disturb: async ({ stage: { set }, pace }) => {
      const primary = await set.awaitPrimary();
      const others = set.members.filter((other) => other !== primary);
      for (const { id } of others) set.crash(id);
      await sleep(lengthOf(pace, 7_000));
      for (const { id } of others) set.restart(id);
    },
  },
  {
    name: 'slow replication',
    disturb: async ({ stage: { set }, pace }) => {
      set.delay(400);
      await sleep(lengthOf(pace, 4_000));
      set.release();
    },
  },
  {
    name: 'slower than a write is waited for',
    disturb: async ({ stage: { set }, pace }) => {
      set.delay(7_000);
      await sleep(lengthOf(pace, 9_000));
      set.release();
    },
  },
  {
    name: 'stale primary',
    evidence: 'elections',
    disturb: async (disturbance) => {
      for (let n = 0; n < timesOf(disturbance.pace, 10); n++) await standAlone(disturbance);
    },
  },
];
