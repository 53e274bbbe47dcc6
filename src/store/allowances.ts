import type { BlindIndex } from './derive.ts';
import type { Access } from './mongo/collections.ts';
import { createAllowanceRecords } from './mongo/repositories/allowances.ts';

/** The limit of one act, over all gateways together. */
export interface Allowance {
  /** The act, e.g. `mail VERIFY_SUBSCRIPTION`. */
  readonly of: string;
  /** The most acts for one key. */
  readonly most: number;
  /** The length of the period, in milliseconds, from the first act on. */
  readonly withinMs: number;
}

export type Allowances = ReturnType<typeof createAllowances>;

/** Counts acts in the database, so that several gateways share each limit. */
export function createAllowances(store: Access, blindIndex: BlindIndex, clock: { readonly now: () => Date }) {
  const records = createAllowanceRecords(store);

  return {
    /**
     * Takes one of an allowance: always one write.
     *
     * @param key  the subject of the limit, for example an address; only a mark of it is kept
     * @returns false if the allowance is used up
     */
    async take({ of, most, withinMs }: Allowance, key: string): Promise<boolean> {
      const at = clock.now();
      const expiresAt = new Date(at.getTime() + withinMs);
      return (await records.take(blindIndex(`allowance of ${of}`, key), { most, at, expiresAt })) <= most;
    },

    /** Deletes the counts of allowances that are whole again. */
    sweep: (): Promise<void> => records.dropWhole(clock.now()),
  };
}
