import cluster from 'node:cluster';
import type { Logger } from 'pino';
import { MINUTE } from '../base/durations.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { faultOf } from '../http/error-table.ts';
import type { HttpServer } from '../http/server.ts';

/** The parts that end with the process, in the order in which they end. */
export interface Running {
  readonly server: HttpServer;
  readonly sweeping: { readonly stop: () => Promise<void> };
  readonly gateway: Pick<Gateway, 'close'>;
  readonly store: { readonly close: () => Promise<void> };
}

/** How long the end may take, in milliseconds. */
export interface Leave {
  /** Readiness is off, and requests are still taken: time for a load balancer to notice. */
  readonly delay: number;
  /** From then on, for everything. */
  readonly limit: number;
}

const SWEEP_EVERY_MS = 15 * MINUTE;
/** A part of the limit; the rest is for the books and the store. */
const SHARE_OF_REQUESTS = 0.8;
/** A terminal and npm both hand an interrupt on: a second one this soon is no second wish. */
const SAME_SIGNAL_MS = 250;

/** Does the work that is due, now and then again and again. */
export function startSweeping(gateway: Pick<Gateway, 'sweep'>, log: Logger): Running['sweeping'] {
  const sweep = () =>
    gateway
      .sweep()
      .catch((error: unknown) => log.warn({ code: (error as Error).name }, 'due work waits for the next sweep'));
  let running = sweep();
  const timer = setInterval(() => {
    running = sweep();
  }, SWEEP_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/**
 * The first signal ends everything in order, within a time; a second one ends it at once. A worker hears of the first
 * twice where its whole group is told; the second ends its primary, and a worker with it.
 */
export function endOnSignal({ server, sweeping, gateway, store }: Running, { delay, limit }: Leave, log: Logger): void {
  const end = async (signal: string) => {
    log.info({ signal }, 'draining');
    setTimeout(() => {
      log.error('the end took too long');
      process.exit(1);
    }, delay + limit);
    const cutOff = await server.drain({ delay, limit: SHARE_OF_REQUESTS * limit });
    if (cutOff > 0) log.warn({ cutOff }, 'requests were cut off');
    await sweeping.stop();
    await gateway.close();
    await store.close();
    log.info('ended');
    process.exit(cutOff > 0 ? 1 : 0);
  };
  let since: number | undefined;
  const onSignal = (signal: string) => {
    const now = performance.now();
    if (since === undefined) void end(signal);
    else if (cluster.isPrimary && now - since > SAME_SIGNAL_MS) process.exit(1);
    since ??= now;
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
}

/** An uncaught error may hold parts of a request: its kind and place go to the log, its message nowhere. */
export function failOnFault(log: Logger): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ fault: faultOf(error) }, 'an unexpected error ended the gateway');
    process.exit(1);
  });
}
