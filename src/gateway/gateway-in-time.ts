import { faultOf } from '../http/error-table.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';

export interface GatewayInTime extends Gateway {
  /** Goes on under a table; requests that are being answered end under the one before. */
  readonly goOnUnder: (table: DecisionTable) => void;
}

/** A gateway, and how many requests and sweeps it is at. */
function createLeavable(gateway: Gateway) {
  let running = 0;
  let leave: (() => void) | null = null;
  return {
    run: async <Result>(work: (gateway: Gateway) => Promise<Result>): Promise<Result> => {
      running += 1;
      try {
        return await work(gateway);
      } finally {
        running -= 1;
        if (running === 0) leave?.();
      }
    },
    /** Closes the gateway once it has finished the work under way. */
    leave: async (): Promise<void> => {
      if (running > 0)
        await new Promise<void>((resolve) => {
          leave = resolve;
        });
      await gateway.close();
    },
  };
}

/**
 * A gateway over the version of the policy that holds: from the instant at which a version that stands posted begins to
 * hold, every request that comes in is answered under it, by a gateway of its own over the same store.
 */
export function createGatewayInTime(options: GatewayOptions): GatewayInTime {
  let { table } = options;
  let present = createLeavable(createGateway(options));
  const closing: Promise<void>[] = [];

  const goOnUnder = (next: DecisionTable): void => {
    if (next !== table) {
      const before = present;
      present = createLeavable(createGateway({ ...options, table: next }));
      const left = before.leave();
      closing.push(left);
      // the close of the whole tells of it too; until then nothing waits for it
      left.catch((error: unknown) =>
        options.log.error({ fault: faultOf(error) }, 'A gateway of an earlier version did not close.'),
      );
    }
    table = next;
  };

  const atPresent = () => {
    if (table.next && table.next.from <= options.clock.now()) goOnUnder(table.next.table());
    return present;
  };

  return {
    goOnUnder,
    fetch: (request, connection) => atPresent().run((gateway) => gateway.fetch(request, connection)),
    sweep: () => atPresent().run((gateway) => gateway.sweep()),
    close: async () => {
      const ends = await Promise.allSettled([present.leave(), ...closing]);
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
  };
}
