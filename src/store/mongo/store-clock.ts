import type { Connection, mongo } from 'mongoose';
import type { Log } from '../../base/log.ts';
import { agree, errorOf, estimateOf, type TimeEstimate } from './time-estimate.ts';

/** The common time of a database: the clock of its primary. */
export interface StoreClock {
  /** Monotonic: never earlier than the last result. */
  readonly now: () => Date;
  /** The largest possible difference of `now` from the primary's clock, in milliseconds. */
  readonly error: () => number;
  /** Resolves once every measurement that was due is done. */
  readonly settled: () => Promise<void>;
}

export interface StoreClockOptions {
  readonly connection: Connection;
  readonly log: Log;
  /** Milliseconds of a monotonic clock; its origin does not matter. */
  readonly local?: () => number;
  /** Milliseconds between two measurements. */
  readonly everyMs?: number;
}

const SAMPLES = 5;
const SAMPLE_MS = 1_000;
/** Between two measurements two clocks drift apart by 30 ms at the most. */
const MEASURE_EVERY_MS = 30_000;
/** A difference worth a log line: a clock was set, or the clock of a new primary differs. */
export const NOTABLE_MS = 1_000;

const OPTIONS = { timeoutMS: SAMPLE_MS, readPreference: 'primary' } as const;
const WRITABLE = new Set(['Standalone', 'Mongos', 'RSPrimary', 'LoadBalancer']);

/** The time of a server, and its name. */
interface Told {
  readonly time: Date;
  readonly server: string;
}

/**
 * A server tells its time in its greeting. A router tells its own time, and there are many routers; the embedded engine
 * tells none. Both forward a question about a collection, and the server with the collection answers with its time.
 * While the database is empty, a router has no such server to ask, and its own time is used.
 */
async function findTeller(connection: Connection): Promise<() => Promise<Told>> {
  const database = connection.getClient().db(connection.name);
  const greet = async () => {
    const { localTime, topologyVersion, msg } = await database.command({ hello: 1 }, OPTIONS);
    return {
      time: localTime as Date | undefined,
      server: String(topologyVersion?.processId),
      isRouter: msg === 'isdbgrid',
    };
  };
  const { time, isRouter } = await greet();
  if (time && !isRouter) return greet as () => Promise<Told>;
  const secrets = database.collection('gateway_secrets');
  return async () => {
    const [holder] = await secrets.aggregate([{ $collStats: {} }], OPTIONS).toArray();
    return holder ? { time: holder.localTime, server: holder.host } : ((await greet()) as Told);
  };
}

interface Measurement extends TimeEstimate {
  readonly server: string;
}

async function measure(connection: Connection, local: () => number): Promise<Measurement> {
  const ask = await findTeller(connection);
  const sample = async (): Promise<Measurement> => {
    const asked = local();
    const { time, server } = await ask();
    return { ...estimateOf({ asked, heard: local(), told: time.getTime() }), server };
  };
  let best = await sample();
  for (let n = 1; n < SAMPLES; n++) {
    const next = await sample();
    if (next.server !== best.server || next.error < best.error) best = next;
  }
  return best;
}

/** The server that takes writes, as the driver sees it; it changes with a restart or an election. */
const primaryIn = ({ servers }: mongo.TopologyDescription): string | null => {
  const primary = [...servers.values()].find(({ type }) => WRITABLE.has(type));
  return primary ? `${primary.address} ${primary.topologyVersion?.processId} ${primary.electionId}` : null;
};

/**
 * Measures the time of the primary against a monotonic local clock, so that the wall clock of this machine does not
 * matter. It measures at its start, every half minute, and whenever another server becomes the primary or the same one
 * is back. While no server answers, the last estimate stays in use, and its error grows by at most a millisecond a
 * second.
 *
 * @throws the driver's errors if no server answers the first time
 */
export async function openStoreClock(options: StoreClockOptions): Promise<StoreClock> {
  const { connection, log, local = () => performance.now(), everyMs = MEASURE_EVERY_MS } = options;
  const client = connection.getClient();
  let estimate = await measure(connection, local);
  let latest = Number.NEGATIVE_INFINITY;
  let closed = false;

  const measureAgain = async () => {
    if (closed) return;
    try {
      const fresh = await measure(connection, local);
      const moved = fresh.offset - estimate.offset;
      if (Math.abs(moved) > NOTABLE_MS) log.warn({ movedMs: Math.round(moved) }, 'the time of the database has moved');
      const holds = fresh.server === estimate.server && agree(estimate, fresh);
      if (!holds || fresh.error <= errorOf(estimate, fresh.at)) estimate = fresh;
    } catch (error) {
      if (!closed)
        log.warn({ code: (error as Error).name }, 'the time of the database goes on as it was last measured');
    }
  };

  let measuring: Promise<void> = Promise.resolve();
  const schedule = () => {
    measuring = measuring.then(measureAgain);
  };
  const timer = setInterval(schedule, everyMs).unref();

  let primary: string | null | undefined;
  const watch = ({ newDescription }: mongo.TopologyDescriptionChangedEvent) => {
    const before = primary;
    primary = primaryIn(newDescription);
    if (primary !== null && primary !== before) schedule();
  };
  client.on('topologyDescriptionChanged', watch);
  connection.once('close', () => {
    closed = true;
    clearInterval(timer);
    client.off('topologyDescriptionChanged', watch);
  });

  return {
    now: () => {
      latest = Math.max(latest, Math.floor(local() + estimate.offset));
      return new Date(latest);
    },
    error: () => errorOf(estimate, local()),
    settled: () => measuring,
  };
}
