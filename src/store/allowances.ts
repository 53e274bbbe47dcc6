import type { BlindIndex } from './derive.ts';
import type { Access } from './mongo/collections.ts';
import { createAllowanceRecords } from './mongo/repositories/allowances.ts';

/** How often one thing may be done, over all gateways together. */
export interface Allowance {
  /** Which thing, e.g. `mail VERIFY_SUBSCRIPTION`. */
  readonly of: string;
  /** How often it may be done for one key. */
  readonly most: number;
  /** Within how long, in milliseconds, from the first time on. */
  readonly withinMs: number;
}

export type Allowances = ReturnType<typeof createAllowances>;

/** Counts how often things are done in the database, so that several gateways share each limit. */
export function createAllowances(store: Access, blindIndex: BlindIndex, clock: { readonly now: () => Date }) {
  const records = createAllowanceRecords(store);

  return {
    /**
     * Takes one of an allowance: one write, whatever the answer.
     *
     * @param key  what the allowance is counted for, an address for instance; only a mark of it is kept
     * @returns false where nothing is left of it
     */
    async take({ of, most, withinMs }: Allowance, key: string): Promise<boolean> {
      const at = clock.now();
      const expiresAt = new Date(at.getTime() + withinMs);
      return (await records.take(blindIndex(`allowance of ${of}`, key), { most, at, expiresAt })) <= most;
    },

    /** Forgets the allowances that are whole again. */
    sweep: (): Promise<void> => records.dropWhole(clock.now()),
  };
}
