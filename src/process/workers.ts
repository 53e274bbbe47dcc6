import cluster from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterClusterMaster } from 'rate-limiter-flexible';
import type { Log } from '../base/log.ts';
import type { HttpServer } from '../http/server.ts';
import { exposeForWorkers } from '../telemetry/worker-metrics.ts';

/** The first worker ended before it listened. It has told why. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError';
}

type Started = ReturnType<typeof startWorker>;

/** One that ends sooner is a start that failed. */
const SETTLED_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 15_000;
const NEVER = new Promise<never>(() => {});
/** Starts of every worker in a row that failed: where nobody listens any more, another is of no use. */
const MOST_FAILED = 5;

/** This program once more, in a process of its own. */
function startWorker() {
  const worker = cluster.fork();
  // a message to a worker that has just died is lost, and that is all
  worker.on('error', () => {});
  let listens = false;
  // not `once` of node:events, for which such a loss would be the end
  const ended = new Promise<number | null>((resolve) => {
    worker.once('exit', (code: number | null) => {
      listens = false;
      resolve(code);
    });
  });
  const port = new Promise<number>((resolve, reject) => {
    worker.once('listening', (address: { readonly port: number }) => {
      listens = true;
      resolve(address.port);
    });
    worker.once('exit', () => reject(new NoWorkerError()));
  });
  // only the first one's is a fault of the start
  port.catch(() => {});
  return { worker, listens: () => listens, port, ended };
}

/**
 * Processes that run this program once more each and share one port, in the place of a server in this one. One that
 * dies is replaced. Callers are counted here for all of them, so that limits hold over all.
 */
export function createWorkers(count: number, log: Log): HttpServer {
  const running = new Set<Started>();
  let ending = false;
  let failed = 0;

  const start = (): Started => {
    const started = startWorker();
    running.add(started);
    return started;
  };

  /** Sees to it that there is always somebody in the place of this one. */
  const keep = async (started: Started): Promise<void> => {
    for (let [current, pause] = [started, 0]; ; current = start()) {
      const begun = performance.now();
      const code = await current.ended;
      running.delete(current);
      if (ending) return;
      const { pid, signalCode } = current.worker.process;
      log.error({ worker: pid, code, signal: signalCode }, 'a worker ended');
      const settled = performance.now() - begun > SETTLED_MS;
      failed = settled ? 0 : failed + 1;
      pause = settled ? 0 : Math.min(Math.max(2 * pause, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
      if (failed > MOST_FAILED * count && ![...running].some(({ listens }) => listens())) {
        log.error('no worker stays');
        process.exit(1);
      }
      await sleep(pause);
      if (ending) return;
    }
  };

  return {
    listen: async () => {
      // each takes connections from the system: a connection that the primary hands to a dead worker is never answered
      cluster.schedulingPolicy = cluster.SCHED_NONE;
      new RateLimiterClusterMaster();
      exposeForWorkers(() => [...running].filter(({ listens }) => listens()).map(({ worker }) => worker));
      const first = start();
      // a worker that was told to end before it listened is no fault: the process ends with it
      const port = await first.port.catch((error: unknown) => (ending ? NEVER : Promise.reject(error)));
      if (ending) return NEVER;
      const all = [first, ...Array.from({ length: count - 1 }, start)];
      for (const started of all) void keep(started);
      await Promise.allSettled(all.map((started) => started.port));
      return port;
    },

    drain: async () => {
      ending = true;
      const served = [...running].filter(({ listens }) => listens());
      for (const { worker } of running) worker.process.kill('SIGTERM');
      const codes = await Promise.all(served.map(({ ended }) => ended));
      await Promise.all([...running].map(({ ended }) => ended));
      return codes.filter((code) => code !== 0).length;
    },
  };
}
